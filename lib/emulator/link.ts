import { isIPv6 } from 'node:net'

export type Link = { kind: 'valid'; url: string } | { kind: 'invalid'; why: string }

/** The link as Telegram stores it, or why Telegram refuses it (TDLib: LinkManager::check_link, HttpUrl.cpp). */
export function checkLink(link: string): Link {
  const scheme = /^(tg|ton|tonsite):(?:\/\/)?/i.exec(link)
  const rest = scheme ? link.slice(scheme[0].length) : link
  const url = parseUrl(rest)
  if (typeof url === 'string') return { kind: 'invalid', why: url }
  const { protocol, userinfo, host, isIpv6Host, port, query } = url
  if (!scheme) {
    if (!host.includes('.') && !isIpv6Host) return { kind: 'invalid', why: 'Wrong HTTP URL' }
    return { kind: 'valid', url: `${protocol}://${userinfo && `${userinfo}@`}${host}${port ? `:${port}` : ''}${query}` }
  }
  const name = lower(scheme[1] ?? '')
  if (/^http:\/\//i.test(rest) || protocol === 'https' || userinfo || port || isIpv6Host) {
    return { kind: 'invalid', why: `Wrong ${name} URL` }
  }
  const allowed = name === 'tonsite' ? /^[a-z0-9._-]*$/ : /^[a-z0-9_-]*$/
  if (!allowed.test(host)) return { kind: 'invalid', why: 'Unallowed characters in URL host' }
  return { kind: 'valid', url: `${name}://${host}${query.startsWith('/?') ? query.slice(1) : query}` }
}

/** The user of a `tg://user?id=…` link. */
export function linkedUser(link: string): number | undefined {
  const query = /^tg:(?:\/\/)?user\/?\?([^#]*)/.exec(lower(link))?.[1]
  const id = query
    ?.split('&')
    .find((parameter) => /^id(=|$)/.test(parameter))
    ?.slice(3)
  if (id === undefined || !/^[1-9]\d{0,12}$/.test(id)) return undefined
  // TDLib's UserId::is_valid: below 2^40.
  return Number(id) < 2 ** 40 ? Number(id) : undefined
}

interface Url {
  protocol: 'http' | 'https'
  userinfo: string
  host: string
  isIpv6Host: boolean
  port: number
  query: string
}

function parseUrl(url: string): Url | string {
  const [start = '', scheme] = /^([^:/?#@[\]]*):\/\//.exec(url) ?? []
  const protocol = lower(scheme ?? 'http')
  if (protocol !== 'http' && protocol !== 'https') return 'Unsupported URL protocol'
  const rest = url.slice(start.length)
  const authority = /^[^/?#]*/.exec(rest)?.[0] ?? ''
  const withPort = /^(.+):([^:\]@]*)$/s.exec(authority)
  const port = withPort ? portOf(withPort[2] ?? '') : 0
  if (port === undefined) return 'Wrong port number specified in the URL'
  const userinfoAndHost = withPort?.[1] ?? authority
  const at = userinfoAndHost.lastIndexOf('@')
  const host = lower(userinfoAndHost.slice(at + 1))
  const isIpv6Host = host.startsWith('[') && host.endsWith(']') && host.length > 1
  if (isIpv6Host && !isIPv6(host.slice(1, -1))) return 'Wrong IPv6 address specified in the URL'
  if (host === '') return 'URL host is empty'
  if (host === '.') return 'Host is invalid'
  const userinfo = userinfoAndHost.slice(0, Math.max(at, 0))
  const why = isIpv6Host
    ? ipv6Problem(host)
    : (characterProblem('host', host) ?? characterProblem('userinfo', userinfo.replaceAll(':', '')))
  if (why) return why
  return {
    protocol,
    userinfo,
    host,
    isIpv6Host,
    port,
    query: queryOf(rest.slice(authority.length)),
  }
}

function portOf(digits: string): number | undefined {
  const port = digits.replace(/^0+(?=.)/, '')
  return /^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65535 ? Number(port) : undefined
}

function ipv6Problem(host: string): string | undefined {
  return /^\[[:0-9a-f.]+\]$/.test(host) ? undefined : 'Wrong IPv6 URL host'
}

function characterProblem(part: 'host' | 'userinfo', text: string): string | undefined {
  const allowed = /^(?:[a-z0-9.\-_!$,~*'();&+=\u0080-\u{10ffff}]|%[0-9a-f]{2})*/u
  const rest = lower(text).replace(allowed, '')
  if (rest === '') return undefined
  return rest.startsWith('%') ? `Wrong percent-encoded symbol in URL ${part}` : `Disallowed character in URL ${part}`
}

function queryOf(text: string): string {
  let end = text.length
  while (end > 0 && ' \t\r\n\0\v'.includes(text.charAt(end - 1))) end--
  const query = text.slice(0, end)
  const escaped = [...query].map((character) => (character <= ' ' ? percent(character) : character)).join('')
  return escaped.startsWith('/') ? escaped : `/${escaped}`
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}

/** Only ASCII letters, like TDLib. */
function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}
