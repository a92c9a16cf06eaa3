/**
 * What packages in the browser's pages call and the oldest engines haven't got: the router reads every address by `replaceAll` (iOS 13.4,
 * Chrome 85). Our own code calls nothing that is younger than the engines promised (a test).
 */
export function replaceAll(this: string, from: string | RegExp, to: string | ((found: string) => string)): string {
  if (typeof from !== 'string') return this.replace(from, to as string)
  // by splitting, so that nothing in either is a pattern
  return this.split(from).join(typeof to === 'string' ? to : to(from))
}

if (process.env.TARO_ENV !== 'weapp' && !String.prototype.replaceAll)
  Object.defineProperty(String.prototype, 'replaceAll', { value: replaceAll, configurable: true, writable: true })
