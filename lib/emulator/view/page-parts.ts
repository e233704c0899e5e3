/** Telegram's colours; light or dark as the browser prefers, unless the button is used. */
export const style = `
:root { color-scheme: light dark; --accent: light-dark(#3390ec, #6ab3f3); --bubble: light-dark(#fff, #182533);
  --text: light-dark(#0f1419, #f1f5f9); --faint: light-dark(#8a97a3, #6d8398); --bar: light-dark(#fff, #17212b);
  --tint: light-dark(rgb(51 144 236 / .09), rgb(106 179 243 / .12)); --line: light-dark(#00000012, #ffffff0f);
  --code: light-dark(#0b6e4f, #7fd1b9); --pill: light-dark(rgb(74 114 84 / .55), rgb(30 45 60 / .85)); }
:root[data-theme=light] { color-scheme: light } :root[data-theme=dark] { color-scheme: dark }
* { box-sizing: border-box; margin: 0 }
body { font: 15px/1.36 -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; color: var(--text);
  background: light-dark(#e6ebee, #0b1118); -webkit-text-size-adjust: 100% }
main { display: flex; flex-wrap: wrap; justify-content: center; gap: 24px }
.chat { width: min(100%, 480px); min-height: 100vh; display: flex; flex-direction: column;
  background: light-dark(linear-gradient(160deg, #dbddbb, #a9cf9f 40%, #88b884 70%, #d3d7a5), linear-gradient(#0e1621, #0e1621));
  background: light-dark(#b7d3a6, #0e1621); background-image: radial-gradient(90% 50% at 15% 0, light-dark(#e0e3bd, #14202e), transparent),
  radial-gradient(90% 60% at 95% 45%, light-dark(#86b78a, #101d2b), transparent), radial-gradient(80% 50% at 10% 100%, light-dark(#dbe0b0, #13202d), transparent) }
header { position: sticky; top: 0; z-index: 1; display: flex; align-items: center; gap: 12px; padding: 9px 16px;
  background: var(--bar); box-shadow: 0 1px 2px light-dark(#0000001f, #00000066) }
h1 { font-size: 16px; font-weight: 600 } header p { font-size: 13px; color: var(--faint) }
.avatar { flex: none; width: 34px; height: 34px; border-radius: 50%; display: grid; place-items: center; color: #fff; font-weight: 600;
  background: linear-gradient(#72d5fd, #2a9ef1) } .avatar.group { width: 42px; height: 42px; font-size: 18px; background: linear-gradient(#a695e7, #6f5bd0) }
.messages { flex: 1; display: flex; flex-direction: column; justify-content: flex-end; padding: 10px 10px 18px }
.day { align-self: center; margin: 8px 0; padding: 2px 10px; border-radius: 12px; font-size: 13px; font-weight: 500; color: #fff; background: var(--pill) }
article { display: flex; align-items: flex-end; gap: 8px; margin-top: 4px } article.first { margin-top: 8px } article:has(.keyboard) + article { margin-top: 10px }
.column { min-width: 0; max-width: calc(100% - 66px) }
.bubble { position: relative; padding: 6px 11px 5px; border-radius: 6px 15px 15px 6px; background: var(--bubble); box-shadow: 0 1px 1px light-dark(#00000024, #0006) }
article.first .bubble { border-top-left-radius: 15px }
.name { display: none; align-items: baseline; gap: 6px; font-size: 14px; font-weight: 600; color: var(--accent) } .first .name { display: flex; flex-wrap: wrap }
.bot { font-size: 11px; font-weight: 400; color: var(--faint) }
.thread { margin-left: auto; padding: 0 8px; border-radius: 9px; font-size: 12px; font-weight: 500; background: var(--tint) }
.answered { display: block; margin: 3px 0 4px; padding: 3px 9px 4px 8px; border-left: 3px solid var(--accent); border-radius: 5px; font-size: 14px; line-height: 1.3;
  color: inherit; background: var(--tint); text-decoration: none; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.answered b { display: block; font-size: 13px; font-weight: 600; color: var(--accent) } article:target .bubble { box-shadow: 0 0 0 2px var(--accent) }
.text { display: inline; white-space: pre-wrap; overflow-wrap: anywhere } .bubble { display: flow-root }
.text a, .mention, .date { color: var(--accent); text-decoration: none } .text a:hover { text-decoration: underline }
code, pre { font: 13.5px/1.4 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace } code { color: var(--code) }
pre, blockquote { margin: 4px 0; padding: 5px 9px; border-left: 3px solid var(--accent); border-radius: 5px; background: var(--tint); white-space: pre-wrap }
blockquote { font-size: 14px } .language { display: block; margin: -5px -9px 4px; padding: 2px 9px; font: 500 12px sans-serif; color: var(--accent); background: var(--tint) }
.folded { position: relative; max-height: calc(3 * 1.45em + 5px); padding-bottom: 0; overflow: hidden; cursor: pointer; padding-right: 22px }
.folded::after { content: "⌄"; position: absolute; right: 8px; bottom: 3px; color: var(--accent) } .folded:focus, .folded:hover { max-height: none; padding-bottom: 5px; outline: none }
.spoiler { border-radius: 3px; color: transparent; background: var(--faint); cursor: pointer } .spoiler:focus, .spoiler:hover { color: inherit; background: none }
.meta { float: right; display: flex; gap: 5px; margin: 5px 0 0 10px; font-size: 12px; color: var(--faint) } .silent { font-size: 10px; opacity: .75 }
.keyboard { display: grid; gap: 3px; margin-top: 3px } .keyboard div { display: flex; gap: 3px }
.button { position: relative; flex: 1; padding: 8px 16px; border-radius: 8px; text-align: center; font-size: 14px; font-weight: 500; color: #fff;
  background: var(--pill); overflow: hidden; text-overflow: ellipsis; white-space: nowrap } .keyboard div:last-child .button { border-radius: 8px 8px 12px 12px }
.button sup { position: absolute; top: 1px; right: 6px; font-size: 10px }
#theme { position: fixed; z-index: 2; top: 10px; right: max(12px, calc(50% - 228px)); width: 38px; height: 38px; border: 0; border-radius: 50%; font-size: 20px;
  color: var(--accent); background: var(--tint); cursor: pointer }
.changed .bubble { animation: changed 1.6s ease-out } .arriving { animation: arriving .28s ease-out }
@keyframes changed { 0%, 25% { background: light-dark(#fff1c2, #2f4a66); box-shadow: 0 0 0 2px light-dark(#f0c75e, #6ab3f3) } }
@keyframes arriving { 0% { opacity: 0; transform: translateY(10px) scale(.98) } }
@media (prefers-reduced-motion: reduce) { .arriving { animation: none } .changed .bubble { animation-timing-function: steps(1, end) } }
body.offline main { opacity: .5 }
@media print { #theme { display: none } }
`

/** For a gallery: messages with captions in columns. */
export const captionStyle = `
main { display: block; max-width: 1640px; margin: auto } .chat { width: 100%; min-height: 0 } #theme { right: 12px }
.messages { display: block; columns: 370px; column-gap: 12px } .day { display: none }
article { break-inside: avoid } .caption { break-inside: avoid; break-after: avoid; padding: 16px 6px 0 46px; font-size: 12px; line-height: 1.3; overflow-wrap: anywhere;
  color: light-dark(#33502d, #8fa3b5) } .caption + article { margin-top: 4px }
`

export const script = `
const root = document.documentElement
document.getElementById('theme').onclick = () => {
  const isDark = (root.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark'
  root.dataset.theme = isDark ? 'light' : 'dark'
}
`

/** Asks the server for the page each second, replaces the chats if they changed, and highlights new and edited messages. */
export const liveScript = `
{
  const isAtEnd = () => innerHeight + scrollY >= document.body.scrollHeight - 80
  const show = (main) => {
    const follows = isAtEnd()
    for (const article of main.querySelectorAll('article')) {
      const shown = document.getElementById(article.id)
      if (!shown) article.classList.add('arriving')
      else if (shown.textContent !== article.textContent) article.classList.add('changed')
    }
    document.querySelector('main').replaceWith(main)
    if (follows) scrollTo({ top: document.body.scrollHeight, behavior: 'smooth' })
  }
  let tag
  const update = async () => {
    try {
      const response = await fetch('/', { cache: 'no-store', headers: tag ? { 'if-none-match': tag } : {} })
      if (response.status === 200) {
        tag = response.headers.get('etag')
        show(new DOMParser().parseFromString(await response.text(), 'text/html').querySelector('main'))
      }
      document.body.classList.remove('offline')
    } catch {
      document.body.classList.add('offline')
    }
    setTimeout(update, 1000)
  }
  scrollTo(0, document.body.scrollHeight)
  update()
}
`

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
