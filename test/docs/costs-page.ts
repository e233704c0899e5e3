import { sectionOf } from './pages.ts'

export const costsPage = 'docs/aws-costs.md'

type Row = [name: string, ...cells: string[]]

/** The tables of a section, each as rows of cells. The first two rows are the head. */
export function tablesOf(heading: string): Row[][] {
  return sectionOf(costsPage, heading)
    .split('\n\n')
    .map((part) => part.trim())
    .filter((part) => part.startsWith('| '))
    .map((table) => table.split('\n').map((line) => line.slice(2, -2).split(' | ') as Row))
}

/** Looks up a number by the name of its row, and by its column if there are several. */
export function numbersOf(table: Row[] = []): (name: string, column?: number) => number {
  const rows = new Map(table.map(([name, ...cells]) => [name, cells]))
  return (name, column = 0) => {
    const number = Number(rows.get(name)?.[column])
    if (Number.isNaN(number)) throw new Error(`${costsPage} has no number for "${name}"`)
    return number
  }
}

const [perVolume = [], amounts = []] = tablesOf('Usage')

/** The numbers of events a day that the page has. */
export const volumes = (perVolume[0] ?? []).slice(1)

/** What the page assumes, for each of `volumes`. */
export const usageAt = numbersOf(perVolume)

/** What the page assumes for any number of events. */
export const usage = numbersOf(amounts)
