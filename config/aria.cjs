/**
 * Attributes for screen readers that Taro's mini-program templates leave out, for `view` and `input`. The key is the
 * attribute in wxml; the prop is its camel case (`ariaLabel`). Templates and runtime must add the same ones, because
 * both number the attributes of a component in the same order.
 */
const ARIA = { 'aria-label': '', 'aria-role': '', 'aria-live': '', 'aria-hidden': '', 'aria-disabled': '' }

module.exports = { View: ARIA, Input: { 'aria-label': '' } }
