/** `1,234,567`. Not by toLocaleString, which alone takes as long as the rest of a card. */
export function grouped(number: number, separator: string): string {
  return number < 1_000 ? String(number) : String(number).replace(/\B(?=(\d{3})+$)/g, separator)
}
