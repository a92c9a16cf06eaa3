import { type Kysely, type Migration, sql } from 'kysely'

/** Who runs the house: operators, their sessions, and a chained log of what they did. */
export const operators: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table operators (
        username text primary key,
        name text not null,
        roles text[] not null,
        -- null: the whole bank
        branch_code text references branches,
        -- scrypt, with its parameters and salt; null for one who logs in by the bank's single sign-on
        password_hash text,
        must_change_password boolean not null default false,
        oidc_subject text,
        disabled_at bigint,
        failed_logins integer not null default 0,
        locked_until bigint,
        created_at bigint not null,
        last_login_at bigint,
        constraint operators_roles check (
          roles <@ array['viewer', 'maker', 'checker', 'auditor', 'admin'] and cardinality(roles) > 0
        )
      );

      create unique index operators_subject on operators (oidc_subject);

      create table operator_sessions (
        session_id text primary key,
        username text not null references operators,
        -- SHA-256 of the one token that renews it; each is used once
        refresh_hash text not null,
        created_at bigint not null,
        renewed_at bigint not null,
        expires_at bigint not null,
        ended_at bigint
      );
      create index operator_sessions_of on operator_sessions (username) where ended_at is null;

      create table operator_actions (
        action_id bigint primary key,
        at bigint not null,
        username text not null,
        action text not null,
        subject text not null,
        before jsonb,
        after jsonb,
        -- which of our keys made it, and HMAC-SHA256 of everything above and of the mac before
        key_id text not null,
        mac text not null
      );
      create index operator_actions_of on operator_actions (username, action_id);
      create index operator_actions_on on operator_actions (subject, action_id);
      create trigger operator_actions_append_only before update or delete or truncate on operator_actions
        execute function refuse_change();

      -- the end of the chain, and the queue in which actions are written
      create table operator_actions_head (
        head boolean primary key default true check (head),
        last_id bigint not null,
        mac text not null
      );
      insert into operator_actions_head (last_id, mac) values (0, '');
    `.execute(db)
  },
}
