-- Run by a superuser, or a role with CREATEROLE and CREATEDB, in psql; running it again changes only the passwords given:
--   psql -v owner_password=... -v app_password=... -v sweep_password=... -v erasure_password=... -f roles.sql
\set ON_ERROR_STOP on
\if :{?database}
\else
  \set database graduated
\endif

select pg_advisory_lock(hashtext('graduated roles')) \g /dev/null

select format('create role %I login nosuperuser nobypassrls noinherit nocreatedb nocreaterole noreplication', wanted)
  from unnest(array['graduated_owner', 'graduated_app', 'graduated_sweep', 'graduated_erasure']) as wanted
 where not exists (select from pg_roles where rolname = wanted)
\gexec

\if :{?owner_password}
  alter role graduated_owner password :'owner_password';
\endif
\if :{?app_password}
  alter role graduated_app password :'app_password';
\endif
\if :{?sweep_password}
  alter role graduated_sweep password :'sweep_password';
\endif
\if :{?erasure_password}
  alter role graduated_erasure password :'erasure_password';
\endif

select format('create database %I owner graduated_owner encoding ''UTF8'' template template0', :'database')
 where not exists (select from pg_database where datname = :'database')
\gexec

\connect :"database"
revoke all on database :"database" from public;
grant connect on database :"database" to graduated_app, graduated_sweep, graduated_erasure;
grant temporary on database :"database" to graduated_app;
revoke create on schema public from public;
grant usage, create on schema public to graduated_owner;
grant usage on schema public to graduated_app, graduated_sweep, graduated_erasure;
