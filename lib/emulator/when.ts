const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const moment = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long' })

/** `14:03`, in the zone of the process. */
export function timeOf(milliseconds: number): string {
  return time.format(milliseconds)
}

/** `14:03:59`, in the zone of the process. */
export function momentOf(milliseconds: number): string {
  return moment.format(milliseconds)
}

/** `24 November`, in the zone of the process. */
export function dayOf(milliseconds: number): string {
  return day.format(milliseconds)
}
