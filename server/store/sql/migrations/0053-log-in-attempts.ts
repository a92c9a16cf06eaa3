import { type Kysely, type Migration, sql } from 'kysely'

/** Guesses are counted where they come from, and browsers that an operator logged in with are known. */
export const logInAttempts: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table login_attempts (
        -- a username; or a keyed hash of what is none
        name text not null,
        -- from where the guesses come: domain/attempts.ts
        place text not null,
        tries integer not null,
        locked_until bigint,
        at bigint not null,
        primary key (name, place)
      );
      create index login_attempts_over on login_attempts (at);

      create table operator_devices (
        device_id bigint generated always as identity primary key,
        -- SHA-256 of what the browser keeps, another after each log-in
        device_hash text not null,
        username text not null references operators,
        known_since bigint not null,
        last_used_at bigint not null,
        unique (device_hash, username)
      );
      create index operator_devices_of on operator_devices (username, last_used_at);

      alter table operators drop column failed_logins, drop column locked_until;
    `.execute(db)
  },
}
