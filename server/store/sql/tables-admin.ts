import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type { ChangeKind, ChangeState } from '../../domain/campaign-life'
import type { RequestKind, RequestState } from '../../domain/change'
import type { WalletAccounts } from '../../domain/channel'
import type { Role } from '../../domain/operator'

/** The tables behind the operators' endpoints; units and dates as in tables.ts. */
export interface AdminTables {
  /** by which master keys the ledger has been kept, in their order */
  ledger_keys: { key_no: number; check_value: string; noted_at: number }
  campaign_versions: {
    campaign_id: string
    version: number
    content: JSONColumnType<object>
    made_by: string
    approved_by: string
    approved_at: number
    /** to which secret its decks are dealt by, under which key; all three or none yet */
    key_id: string | null
    secret_commitment: string | null
    secret_at: number | null
  }
  campaign_changes: {
    change_id: string
    campaign_id: string
    kind: ChangeKind
    content: ColumnType<unknown, string | null>
    in_force: boolean
    note: string | null
    made_by: string
    made_at: number
    state: ChangeState
    reviewed_by: string | null
    reviewed_at: number | null
    review_note: string | null
    submitted: ColumnType<object | null, never, never>
  }
  sketches: {
    username: string
    name: string
    content: JSONColumnType<object>
    revision: number
    updated_at: number
  }
  brakes: {
    subject: string
    held: boolean
    revision: Generated<number>
    note: string | null
    pulled_by: string
    pulled_at: number
  }
  branch_budgets: { campaign_id: string; branch_code: string; budget_fen: number; committed_fen: Generated<number> }
  campaign_controls: { campaign_id: string; merchant_code: string }
  operators: OperatorRow
  operator_sessions: {
    session_id: string
    username: string
    refresh_hash: string
    created_at: number
    renewed_at: number
    expires_at: number
    ended_at: number | null
    second_factor: Generated<boolean>
  }
  operator_factors: {
    username: string
    sealed_secret: string
    key_id: string
    last_step: number
    since: number
  }
  operator_recovery_codes: { username: string; code_hash: string; used_at: number | null }
  login_attempts: { name: string; place: string; tries: number; locked_until: number | null; at: number }
  operator_devices: {
    device_id: Generated<number>
    device_hash: string
    username: string
    known_since: number
    last_used_at: number
  }
  operator_actions: {
    action_id: number
    at: number
    username: string
    action: string
    subject: string
    before: ColumnType<unknown, string | null, never>
    after: ColumnType<unknown, string | null, never>
    key_id: string
    mac: string
  }
  operator_actions_head: { head: Generated<boolean>; last_id: number; mac: string }
  ledger_links: {
    link_no: number
    at: number
    /** the day that it seals */
    business_date: string | null
    last_event: number
    last_refund_event: number
    last_posting: number
    last_action: number
    action_mac: string
    content: string
    key_id: string
    mac: string
  }
  ledger_link_parts: { link_no: number; kind: string; names: string[]; marks: string[] }
  archived_days: {
    business_date: string
    /** without a folder */
    file: string
    /** of the file, hex */
    sha256: string
    bytes: number
    orders: number
    archived_at: number
  }
  /** of archived orders alone, fen */
  archived_savings: { payer_id: string; orders: number; saved_fen: number }
  archived_merchant_days: {
    merchant_code: string
    business_date: string
    channel: string
    merchant_account: string
    orders: number
    amount_fen: number
    rewards: number
    reward_fen: number
    credited_fen: number
  }
  campaign_days: {
    campaign_id: string
    business_date: string
    budget_fen: number
    committed_fen: Generated<number>
  }
  campaign_templates: {
    template_id: string
    branch_code: string | null
    name: string
    terms: JSONColumnType<object>
    made_by: string
    made_at: number
  }
  deck_shortages: {
    campaign_id: string
    merchant_code: string
    business_date: string
    wanted_slots: number
    dealt_slots: number
    reason: 'campaign-budget' | 'branch-budget' | 'day-budget'
    noted_at: number
  }
  other_counts: {
    merchant_code: string
    business_date: string
    revision: number
    orders: number
    imported_at: number
    imported_by: string
  }
  binding_codes: {
    code_hash: string
    merchant_code: string
    role: 'owner' | 'cashier'
    made_by: string
    made_at: number
    expires_at: number
    used_at: number | null
    called: string | null
    card_hash: ColumnType<string | null, string | null | undefined>
    tries: ColumnType<number, number | undefined>
    change_id: ColumnType<string | null, string | null | undefined>
  }
  merchant_users: {
    binding_id: Generated<number>
    user_id: string
    merchant_code: string
    role: 'owner' | 'cashier'
    bound_at: number
    unbound_at: number | null
    called: string | null
  }
  binding_guesses: { user_id: string; since: number; wrong: number }
  change_requests: ChangeRow & { secret: string | null }
  change_merchants: {
    change_id: string
    line: number
    merchant_code: string
    was_name: string | null
    was_branch_code: string | null
    was_account: string | null
    was_wallet_accounts: WalletAccounts
    name: string
    branch_code: string
    account: string
    wallet_accounts: WalletAccounts
  }
}

export interface ChangeRow {
  change_id: string
  kind: RequestKind
  subject: string
  branch_code: string | null
  before: ColumnType<unknown, string | null>
  after: ColumnType<unknown, string>
  line_count: Generated<number>
  delayed: boolean
  note: string | null
  asked_by: string
  asked_at: number
  authors: string[]
  state: RequestState
  reviewed_by: string | null
  reviewed_at: number | null
  review_note: string | null
  effective_at: number | null
  reason: string | null
  revision: Generated<number>
}

export interface OperatorRow {
  username: string
  name: string
  roles: Role[]
  branch_code: string | null
  password_hash: string | null
  must_change_password: boolean
  oidc_subject: string | null
  disabled_at: number | null
  created_at: number
  last_login_at: number | null
}
