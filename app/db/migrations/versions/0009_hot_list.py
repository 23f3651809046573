"""A school's list of obligations as a hot read: it enters the school and names the rows of one page, in their order."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Rows are never changed in place, so their ids are all that whoever has seen them needs. The condition after the day is that of a state
# that is not null in the lists; a test holds the two together. One more row than a page has shows that another page follows.
READ_OBLIGATIONS = """
create function read_obligations(wanted_urn text, caller uuid, day date, after_on date, after_id uuid, page integer)
returns table (school_id uuid, is_sandbox boolean, client_is_sandbox boolean, is_own boolean, client_scopes text[], granted_scopes text[],
               clock_ahead bigint, horizon date, rules_version text, number bigint, school_number bigint, ids text, last_on date)
language plpgsql as $$
begin
  select e.school_id, e.is_sandbox, e.client_is_sandbox, e.is_own, e.client_scopes, e.granted_scopes
    into school_id, is_sandbox, client_is_sandbox, is_own, client_scopes, granted_scopes
    from app_enter_school(wanted_urn, caller) e;
  if not found then
    return;
  end if;
  select s.clock_ahead, s.horizon, s.rules_version, h.number, h.school_number, listed.ids, listed.last_on
    into clock_ahead, horizon, rules_version, number, school_number, ids, last_on
    from school s
    join ledger_head h on h.school_id = s.school_id
   cross join (
     select string_agg(shown.id::text, ' ') as ids, (array_agg(shown.sorts_on))[page] as last_on
       from (select o.id, coalesce(o.due, o.arises_on) as sorts_on
               from obligation o
              where o.school_id = read_obligations.school_id and o.known_until is null and o.arises_on <= day
                and (coalesce(o.due, o.arises_on), o.id)
                    > (coalesce(after_on, '-infinity'), coalesce(after_id, '00000000-0000-0000-0000-000000000000'))
                and (cardinality(o.missing) > 0 or o.excused_by is not null or o.met_on <= day
                     or (o.departed_by is not null and o.force = 'should')
                     or o.ended_on is null or o.ended_on > day or o.ended_on > o.due)
              order by coalesce(o.due, o.arises_on), o.id limit page + 1) shown) listed
   where s.school_id = read_obligations.school_id;
  return next;
end $$
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(READ_OBLIGATIONS)


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop function read_obligations(text, uuid, date, date, uuid, integer)")
