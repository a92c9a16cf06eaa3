/** What this tab was told to be, for trying things out on one machine; a browser's alone. */

const APPS: Record<string, string> = {
  wechat: 'MicroMessenger/8.0',
  alipay: 'AlipayClient/10.2',
  unionpay: 'UnionPay/1.0 CloudPay',
}

/** `?payer=payer-1` in the hash makes this tab that person, so that tests can be several people side by side. */
export function payerOfTab(): string | undefined {
  return ofTab('payer', /[?&]payer=([A-Za-z0-9_-]{1,64})/)
}

/** `?app=wechat` makes it a tab of that app's browser, on the machine alone that serves it: a newcomer has no telephone that reaches it. */
export function appOfTab(): string {
  if (!/^(127\.0\.0\.1|localhost)$/.test(location.hostname)) return ''
  return APPS[ofTab('app', /[?&]app=([a-z]{1,16})/) ?? ''] ?? ''
}

/** What the hash once named, for as long as the tab is open. */
function ofTab(name: string, inHash: RegExp): string | undefined {
  const named = inHash.exec(location.hash)?.[1]
  try {
    if (named) sessionStorage.setItem(`fapai.${name}`, named)
    return named ?? sessionStorage.getItem(`fapai.${name}`) ?? undefined
  } catch {
    return named
  }
}
