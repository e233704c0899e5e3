const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long' })

/** `14:03`, in the zone of the process. */
export function timeOf(milliseconds: number): string {
  return time.format(milliseconds)
}

/** `24 November`, in the zone of the process. */
export function dayOf(milliseconds: number): string {
  return day.format(milliseconds)
}
