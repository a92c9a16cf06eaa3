/** What a day is made of. */
export const PARTS = [
  ['matched', '平账'],
  ['carried', '结转次日'],
  ['waiting', '待处理'],
  ['short', '短款'],
] as const
