import type { Clock } from '../../pipeline/ports.ts'
import { type AwsAccess, AwsError, requestAws } from './request.ts'

/** A call of an AWS API that takes a form and answers in XML. */
export interface AwsQuery {
  /** As in the host name. */
  service: string
  version: string
  action: string
  parameters?: Record<string, string>
}

/** An element of AWS's XML: text, the list of its `member` elements, or its other elements by name. */
export type XmlValue = string | XmlValue[] | { [name: string]: XmlValue }

/** Sends one signed call and resolves with the content of `<action>Result`. Rejects with an AwsError. */
export async function queryAws(
  { service, version, action, parameters = {} }: AwsQuery,
  access: AwsAccess,
  clock: Clock,
): Promise<XmlValue> {
  const body = new URLSearchParams({ Action: action, Version: version, ...parameters }).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const name = `${service}.${action}`
  const text = await requestAws({ service, name, headers, body }, access, clock)
  const result = xmlField(xmlField(parseXml(text), `${action}Response`), `${action}Result`)
  if (result === undefined) throw new AwsError(`AWS ${name}: the answer has no ${action}Result`, { status: 200 })
  return result
}

/** The element of this name; undefined if there is none. */
export function xmlField(value: XmlValue | undefined, name: string): XmlValue | undefined {
  return typeof value === 'object' && !Array.isArray(value) ? value[name] : undefined
}

/** The text of the element of this name; undefined if there is none. */
export function xmlText(value: XmlValue | undefined, name: string): string | undefined {
  const text = xmlField(value, name)
  return typeof text === 'string' ? text : undefined
}

/** The list in the element of this name. */
export function xmlList(value: XmlValue | undefined, name: string): XmlValue[] {
  const list = xmlField(value, name)
  return Array.isArray(list) ? list : []
}

interface OpenElement {
  name: string
  text: string
  children: [name: string, value: XmlValue][]
}

/** Reads XML as AWS writes it: without attributes that matter, and with text or elements inside an element, not both. */
export function parseXml(xml: string): XmlValue {
  const root: OpenElement = { name: '', text: '', children: [] }
  const open = [root]
  for (const [, closing, name = '', isEmpty, text = ''] of xml.matchAll(
    /<(\/?)([\w:.-]+)[^>]*?(\/?)>|<[?!][^>]*>|([^<]+)/g,
  )) {
    const current = open.at(-1) ?? root
    if (name === '') current.text += text
    else if (closing === '') open.push({ name, text: '', children: [] })
    if (name === '' || (closing === '' && isEmpty === '')) continue
    const closed = open.length > 1 ? open.pop() : undefined
    if (closed) open.at(-1)?.children.push([closed.name, toValue(closed)])
  }
  return toValue(root)
}

function toValue({ text, children }: OpenElement): XmlValue {
  if (children.length === 0) return decoded(text)
  if (children.every(([name]) => name === 'member')) return children.map(([, value]) => value)
  return Object.fromEntries(children)
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function decoded(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal, hexadecimal, name) => {
    if (name) return entities[name] ?? whole
    return String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hexadecimal, 16))
  })
}
