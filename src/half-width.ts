/** What doesn't lie 0xfee0 above its plain form. */
const OTHERS: Partial<Record<string, string>> = { '\u3000': ' ', '\uff61': '。', '\uffe5': '¥' }

/**
 * Letters, digits and signs as a Chinese keyboard types them in full width, in half width: `１２．５` → `12.5`. Not all that NFKC folds, by
 * which `10²` is 102 and `⑩` is 10.
 */
export const halfWidth = (text: string): string =>
  text.replace(
    /[\u3000\uff01-\uff5e\uff61\uffe5]/g,
    (one) => OTHERS[one] ?? String.fromCharCode(one.charCodeAt(0) - 0xfee0),
  )
