/** `2026-11-09` → `2026年11月9日`, as the console writes it. */
export const chineseDate = (date: string) => {
  const [year, month, day] = date.split('-').map(Number)
  return `${year}年${month}月${day}日`
}
