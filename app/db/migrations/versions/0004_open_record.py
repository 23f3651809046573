"""Opens a pupil's record for a step in one round trip: what a step reads before it decides, read after the pupil is locked."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# All that a step runs looks rows up by key, whatever the values are, and planning its one great statement would take as long as running it.
# Each statement of a volatile function sees what was committed before it began, so what is read below the lock is not out of date.
# Where the client is not let in, no tenant is set and the policies show nothing; the row comes all the same and says how it stands.
OPEN_RECORD = """
create function open_record(wanted_urn text, caller uuid, wanted uuid, asked_route text, asked_key text, locks boolean)
returns table (school_id uuid, is_sandbox boolean, client_is_sandbox boolean, is_own boolean, client_scopes text[], granted_scopes text[],
               urn text, name text, authority text, school_is_sandbox boolean, clock_ahead bigint, identity_provider jsonb, horizon date,
               rules_version text, number bigint, school_number bigint, link bytea, recorded_at timestamptz, epoch integer,
               is_on_file boolean, entries text, standing text, request_digest bytea, led_to jsonb)
language plpgsql as $$
declare
  entered record;
begin
  set local plan_cache_mode = force_generic_plan;
  select * into entered from app_enter_school(wanted_urn, caller);
  if not found then
    return;
  end if;
  if locks then
    perform from pupil p where p.school_id = entered.school_id and p.id = wanted for update;
  end if;
  return query
  select entered.school_id, entered.is_sandbox, entered.client_is_sandbox, entered.is_own, entered.client_scopes, entered.granted_scopes,
         s.urn, s.name, s.authority, s.is_sandbox, s.clock_ahead, s.identity_provider, s.horizon, s.rules_version,
         h.number, h.school_number, h.link, h.recorded_at, h.epoch,
         exists (select from pupil p where p.school_id = entered.school_id and p.id = wanted),
         (select json_agg(json_build_array(e.number, e.recorded_at, e.author_kind, e.author_id, e.assurance, e.type, e.occurred_on,
                                           e.body::json, e.supersedes) order by e.number)::text
            from entry e where e.school_id = entered.school_id and e.pupil_id = wanted),
         (select json_agg(json_build_array(o.id, o.rule, o.person_id, o.occasion, o.who, o.force, o.shape, o.arises_on, o.opens_on, o.due,
                                           o.met_on, o.met_by, o.ended_on, o.excused_by, o.departed_by, o.missing))::text
            from obligation o where o.school_id = entered.school_id and o.pupil_id = wanted and o.known_until is null),
         i.request_digest, i.led_to
    from (values (true)) as always
    left join school s on s.school_id = entered.school_id
    left join ledger_head h on h.school_id = s.school_id
    left join idempotency i on i.school_id = s.school_id and i.client_id = caller and i.route = asked_route and i.key = asked_key;
end $$
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(OPEN_RECORD)


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop function open_record(text, uuid, uuid, text, text, boolean)")
