import { type Kysely, type Migration, sql } from 'kysely'

/**
 * What operators are told of. That something waits for review, or was rejected, the database writes down itself, in the transaction that
 * makes it so, whoever writes it.
 */
export const notifications: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table notifications (
        notification_id bigint generated always as identity primary key,
        -- raised once for its key
        key text not null unique,
        at bigint not null,
        kind text not null,
        -- by which it is decided who sees it, where it is nobody's own
        topic text not null,
        subject text not null,
        branch_code text,
        for_username text,
        -- whose own doing it is
        not_username text,
        content jsonb not null
      );
      create index notifications_at on notifications (at);

      create table notification_reads (
        username text not null,
        notification_id bigint not null references notifications on delete cascade,
        at bigint not null,
        primary key (username, notification_id)
      );
      create index notification_reads_of on notification_reads (notification_id);

      create table notification_sends (
        notification_id bigint not null references notifications on delete cascade,
        target text not null,
        state text not null check (state in ('due', 'done', 'failed')),
        attempts integer not null default 0,
        next_at bigint, -- null once ended
        tried_at bigint,
        code text, -- what came of it last
        primary key (notification_id, target),
        check ((state = 'due') = (next_at is not null))
      );
      create index notification_sends_due on notification_sends (target, next_at) where state = 'due';
      create index notification_sends_tried on notification_sends (target, tried_at);
      create index notification_sends_untold on notification_sends (notification_id) where state <> 'done';
    `.execute(db)
    await noteCampaignChanges(db)
    await noteRequests(db)
  },
}

async function noteCampaignChanges(db: Kysely<unknown>) {
  await sql`
    create function note_campaign_change() returns trigger language plpgsql as $$
    declare
      named text;
      branch text;
      rejected boolean := new.state = 'rejected';
    begin
      select name, branch_code into named, branch from campaigns where campaign_id = new.campaign_id;
      insert into notifications (key, at, kind, topic, subject, branch_code, for_username, not_username, content)
      values (case when rejected then 'rejected/' else 'submitted/' end || new.change_id,
        case when rejected then new.reviewed_at else new.made_at end, case when rejected then 'rejected' else 'submitted' end,
        'campaign', 'campaign/' || new.campaign_id, branch, case when rejected then new.made_by end, new.made_by,
        jsonb_build_object('kind', case when rejected then 'rejected' else 'submitted' end, 'changeId', new.change_id,
          'change', new.kind, 'name', named, 'by', case when rejected then new.reviewed_by else new.made_by end,
          'note', case when rejected then new.review_note else new.note end))
      on conflict (key) do nothing;
      return null;
    end $$;
    create trigger campaign_changes_noted after insert on campaign_changes
      for each row when (new.state = 'open') execute function note_campaign_change();
    create trigger campaign_changes_rejected after update of state on campaign_changes
      for each row when (new.state = 'rejected' and old.state <> 'rejected') execute function note_campaign_change();
  `.execute(db)
}

/** At the end of the transaction: what a file moves is known once all of its lines are read, and so whose branch it is about. */
async function noteRequests(db: Kysely<unknown>) {
  await sql`
    create function note_change_request() returns trigger language plpgsql as $$
    declare
      rejected boolean := new.state = 'rejected';
    begin
      insert into notifications (key, at, kind, topic, subject, branch_code, for_username, not_username, content)
      select case when rejected then 'rejected/' else 'submitted/' end || q.change_id,
        case when rejected then q.reviewed_at else q.asked_at end, case when rejected then 'rejected' else 'submitted' end,
        q.kind, q.subject, q.branch_code, case when rejected then q.asked_by end, q.asked_by,
        jsonb_build_object('kind', case when rejected then 'rejected' else 'submitted' end, 'changeId', q.change_id,
          'change', q.kind, 'name', null, 'by', case when rejected then q.reviewed_by else q.asked_by end,
          'note', case when rejected then q.review_note else q.note end)
      from change_requests q where q.change_id = new.change_id
      on conflict (key) do nothing;
      return null;
    end $$;
    create constraint trigger change_requests_noted after insert on change_requests deferrable initially deferred
      for each row when (new.state = 'open') execute function note_change_request();
    create trigger change_requests_rejected after update of state on change_requests
      for each row when (new.state = 'rejected' and old.state <> 'rejected') execute function note_change_request();
  `.execute(db)
}
