import type { Pulse } from '../../../domain/deck-proof'
import type { Decks, PublishedSecret, SecretsOfCampaign } from '../../../flow/ports'
import type { Sql, Statement } from '../open-sql'

const SECRET: Statement = {
  name: 'secret-of-version',
  text: `
    select key_id as "keyId", secret_commitment as commitment, secret_at as at from campaign_versions
    where campaign_id = $1 and version = $2 and secret_commitment is not null`,
}

const PUBLISH_SECRET: Statement = {
  name: 'publish-secret',
  text: `
    update campaign_versions set key_id = $3, secret_commitment = $4, secret_at = $5
    where campaign_id = $1 and version = $2 and secret_commitment is null`,
}

const KEYS_IN_USE: Statement = {
  name: 'keys-in-use',
  text: `
    select key_id as "keyId" from decks where closed_at is null and key_id is not null
    union
    select v.key_id from campaigns c join campaign_versions v on v.campaign_id = c.campaign_id and v.version = c.version
    where c.state <> 'ended' and v.key_id is not null
    order by 1`,
}

const SECRETS: Statement = {
  name: 'secrets-of-campaign',
  text: `
    select c.state, c.start_date as "startDate", c.end_date as "endDate",
      (select max(d.business_date) from decks d where d.campaign_id = c.campaign_id) as "lastDeckDate",
      coalesce((
        select jsonb_agg(jsonb_build_object('version', v.version, 'approvedAt', v.approved_at, 'secret',
          case when v.secret_commitment is not null then
            jsonb_build_object('keyId', v.key_id, 'commitment', v.secret_commitment, 'at', v.secret_at) end) order by v.version)
        from campaign_versions v where v.campaign_id = c.campaign_id), '[]') as versions
    from campaigns c where c.campaign_id = $1`,
}

const PULSE: Statement = { name: 'pulse', text: 'select pulse from beacons where business_date = $1' }

const NOTE_PULSE: Statement = {
  name: 'note-pulse',
  text: 'insert into beacons (business_date, pulse, noted_at) values ($1, $2::jsonb, $3) on conflict do nothing',
}

/** What seeds follow from: what versions committed to, and what the beacon said. */
export function sqlSecrets(
  sql: Sql,
): Pick<Decks, 'secret' | 'publishSecret' | 'keysInUse' | 'secrets' | 'pulse' | 'notePulse'> {
  const secret: Decks['secret'] = async (campaignId, version) => {
    const [row] = await sql.run<PublishedSecret>(SECRET, [campaignId, version])
    return row
  }
  const pulse: Decks['pulse'] = async (date) => {
    const [row] = await sql.run<{ pulse: Pulse | null }>(PULSE, [date])
    return row?.pulse
  }
  return {
    secret,
    async publishSecret(campaignId, version, { keyId, commitment, at }) {
      await sql.run(PUBLISH_SECRET, [campaignId, version, keyId, commitment, at])
      const stands = await secret(campaignId, version)
      if (!stands) throw new Error(`campaign ${campaignId}: version ${version} was never kept`)
      return stands
    },
    async keysInUse() {
      return (await sql.run<{ keyId: string }>(KEYS_IN_USE, [])).map(({ keyId }) => keyId)
    },
    async secrets(campaignId) {
      const [row] = await sql.run<SecretsOfCampaign>(SECRETS, [campaignId])
      return row
    },
    pulse,
    async notePulse(date, heard, at) {
      await sql.run(NOTE_PULSE, [date, heard && JSON.stringify(heard), at])
      return (await pulse(date)) ?? null
    },
  }
}
