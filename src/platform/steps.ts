/**
 * The browser's back and forward. A window tells its listeners in their order, capturing or not, and Taro listens from the app's start: whoever
 * would keep a step from it is here before (app.ts imports this file).
 */
export const steps: { taken?: ((event: Event) => void) | undefined } = {}

if (process.env.TARO_ENV !== 'weapp')
  for (const kind of ['popstate', 'hashchange']) window.addEventListener(kind, (event) => steps.taken?.(event))
