with head as (
  update ledger_head set number = number + 1, link = $6, recorded_at = $4 where school_id = $1 returning number
), written as (
  insert into entry (school_id, number, pupil_id, type, occurred_on, recorded_at, author_kind, author_id, assurance, client_id, supersedes,
                     commitment, digest, link, salt, body)
  select $1, number, $2, 'concern.raised', $3, $4, 'staff', $5, 'asserted', $8, null, $6, $6, $6, $6, $7 from head
), summarised as (
  update pupil set last_number = head.number from head where school_id = $1 and id = $2
), owed as (
  insert into obligation (school_id, id, pupil_id, rule, who, force, shape, person_id, occasion, arises_on, opens_on, due, met_on, met_by,
                          ended_on, excused_by, departed_by, missing, rules_version, known_from, known_until)
  select $1, $8, $2, 'answer-a-concern', 'school', 'should', 'dated', null, head.number::text, $3, null, $3 + 30, null, null, null, null,
         null, '{}', 'floor', head.number, null from head
), remembered as (
  insert into idempotency (school_id, client_id, route, key, request_digest, led_to, at)
  select $1, $8, 'raise_concern', $9, $6, '{"numbers": [], "references": {}}', $4 from head
)
select number from head
