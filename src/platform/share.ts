/** By the device's own sheet where there is one; else to the clipboard, in the old way too: WeChat's browser has neither on some telephones. */
export async function shareText(text: string): Promise<'shared' | 'copied' | 'not'> {
  try {
    if (navigator.share) {
      await navigator.share({ text })
      return 'shared'
    }
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text)
      return 'copied'
    }
  } catch (error) {
    // put away by the person
    if ((error as Error).name === 'AbortError') return 'not'
  }
  return copied(text) ? 'copied' : 'not'
}

function copied(text: string): boolean {
  const field = document.createElement('textarea')
  field.value = text
  document.body.append(field)
  field.select()
  const is = document.execCommand?.('copy') ?? false
  field.remove()
  return is
}
