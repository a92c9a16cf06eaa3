/**
 * SQL for whether what an order was made of still holds ({@link Believed}, as jsonb; null: nothing is to be looked at), as of the
 * statement, and its card's deck is there and is paid from what the order says, which a standby that took over may not have heard of, or not so. `of`
 * is the order. Which agreement is the default is said by `defaultOf` of the domain: the chosen one, else the oldest.
 */
export const holds = (believed: string, of: string) => `(
  ${believed} is null or exists (
    select from merchants m join branches b on b.branch_code = m.branch_code
    where m.merchant_code = ${of}.merchant_code and m.disabled_at is null
      and jsonb_build_object('account', m.account, 'branchCode', m.branch_code, 'glAccount', b.gl_account,
        'walletAccounts', m.wallet_accounts) @> (${believed} -> 'merchant')
  ) and (
    ${of}.slot is null or exists (
      select from decks d where d.campaign_id = ${of}.campaign_id and d.merchant_code = ${of}.merchant_code and d.business_date = ${of}.deck_date
        and coalesce((d.branch_code, d.gl_account) = (${of}.branch_code, coalesce(${of}.gl_account, d.gl_account)), true))
  ) and (
    ${believed} -> 'agreement' = 'null' or exists (
      select from agreements a
      where a.agreement_id = ${believed} -> 'agreement' ->> 'agreementId' and a.payer_id = ${of}.payer_id and a.ended_at is null
        and a.account = ${believed} -> 'agreement' ->> 'account'
        and (${believed} -> 'agreement' -> 'isDefault' = 'false' or not exists (
          select from agreements o where o.payer_id = a.payer_id and o.ended_at is null
            and (not o.chosen, o.created_at, o.agreement_id) < (not a.chosen, a.created_at, a.agreement_id)
        ))
    )
  ))`
