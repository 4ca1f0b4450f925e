import { createHash } from 'node:crypto';
import type { Markup } from './html.ts';

/** The page's only style sheet; colours keep WCAG AA contrast and differ for every kind of colour vision. */
export function stylesheet(): Markup {
  return { markup: `<style>${CSS}</style>` };
}

/** Allows this style sheet and nothing else: no script, no image, no connection, no form. */
export function contentSecurityPolicy(): string {
  const digest = createHash('sha256').update(CSS).digest('base64');
  return `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`;
}

const CSS = `
:root{color-scheme:light dark;--paper:#fff;--ground:#f4f5f7;--ink:#17202a;--soft:#55606d;--line:#dce1e7;--tint:#eef2f7;--blue:#0a5aa8;--orange:#a84300;--right:#0a5aa8;--wrong:#e06a10;--others:#8a94a0;--empty:#f1f3f6;--on:#000;--over:#fff}
@media screen and (prefers-color-scheme:dark){:root{--paper:#161b22;--ground:#0d1117;--ink:#e6eaef;--soft:#a3aebb;--line:#303842;--tint:#1e2630;--blue:#79b8ff;--orange:#f2a65e;--right:#79b8ff;--wrong:#f2a65e;--others:#8a94a0;--empty:#1c222b;--on:#fff;--over:#000}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);font:400 16px/1.55 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Noto Sans CJK SC",Arial,sans-serif;font-variant-numeric:tabular-nums lining-nums;overflow-wrap:anywhere}
header.page,main,footer{max-width:1120px;margin:0 auto;padding:0 24px}
header.page{padding-top:48px}
h1,h2,h3,h4,p,figure,ul,dl,dd{margin:0}
h1{font-size:1.25rem;font-weight:650;line-height:1.3;margin-bottom:4px}
header.page .wide{margin-top:28px}
header.page p{color:var(--soft);max-width:64ch}
h2{font:600 clamp(1.45rem,1rem + 2vw,2.15rem)/1.22 Charter,"Bitstream Charter","Iowan Old Style",Georgia,"Noto Serif","Noto Serif CJK SC",serif;text-wrap:balance;max-width:44ch}
h3{font-size:1.15rem;line-height:1.3;margin-bottom:16px}
h4{font-size:1rem;line-height:1.35}
.keep{white-space:nowrap}
.name+small{display:block}
small{font-size:.8125em;color:var(--soft)}
a{color:var(--blue)}
:focus-visible{outline:3px solid var(--blue);outline-offset:2px;border-radius:4px}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
article{background:var(--paper);border:1px solid var(--line);border-radius:14px;padding:36px 40px 40px;margin:28px 0 40px}
.what{font-weight:650;color:var(--blue);margin-bottom:6px}
.what span{font-weight:400;color:var(--soft);margin-left:.5em}
section{margin-top:44px;padding-top:28px;border-top:1px solid var(--line)}
.verdict{margin-top:16px;padding-left:14px;border-left:4px solid var(--soft);color:var(--soft)}
.verdict strong{color:var(--ink)}.verdict>span{display:block}
.verdict.beyond,.verdict.met{border-color:var(--blue)}.verdict.missed{border-color:var(--orange)}
.verdict.beyond .mark,.verdict.met .mark{color:var(--blue)}.verdict.missed .mark{color:var(--orange)}
.outcome{margin-top:28px}
.outcome svg{display:block;width:100%;height:28px;border-radius:6px}
.outcome ul{display:flex;flex-wrap:wrap;gap:4px 28px;list-style:none;padding:0;margin-top:10px}
.swatch{display:inline-block;width:.8em;height:.8em;border-radius:3px;margin-right:.45em}
rect.right{fill:var(--blue)}rect.wrong{fill:var(--orange)}rect.left{fill:var(--line)}
.swatch.right{background:var(--blue)}.swatch.wrong{background:var(--orange)}.swatch.left{background:var(--line)}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,max(150px,28%)),1fr));gap:16px 32px;margin-top:28px}
dt{font-size:.8125rem;color:var(--soft)}
.facts dd{line-height:1.4}
.facts+.plots{margin-top:36px}
.lines{padding-left:1.2em;margin:14px 0 32px}
.wide{overflow-x:auto;margin:0 -8px;padding:0 8px}
.wide+.wide,figure+.wide{margin-top:32px}.plots>.wide{margin-top:0}.plots td{white-space:normal}
table{border-collapse:collapse;width:100%;max-width:820px;font-size:.9rem;line-height:1.35;overflow-wrap:normal}
caption{text-align:left;font-weight:600;font-size:1rem;padding-bottom:8px}
th,td{padding:8px 10px;text-align:right;vertical-align:baseline;border-bottom:1px solid var(--line);white-space:nowrap}
thead th{font-size:.8125rem;font-weight:500;color:var(--soft);white-space:normal;vertical-align:bottom;border-bottom-color:var(--soft)}
th:first-child{text-align:left;padding-left:0;white-space:normal;overflow-wrap:anywhere;min-width:9em;max-width:20em}
tbody th{font-weight:500}
tbody tr:last-child>*{border-bottom:0}
td:last-child,thead th:last-child{padding-right:0}
.best{font-weight:700;color:var(--blue)}
.interval{display:block;font-size:.83em}
.map table{max-width:none}.map td:last-child,.map thead th:last-child{text-align:left;padding-left:20px;white-space:normal;min-width:13em;max-width:24em;overflow-wrap:anywhere}
.taken{line-height:1.5;padding-left:1.05em}.taken summary{list-style-position:outside}
.times{color:var(--soft);white-space:nowrap}
.taken ul{margin:2px 0 8px;padding-left:0;list-style:none;font-size:.8125rem}
.taken li{padding:2px 0}
.id{color:var(--soft);margin-right:.3em}
summary{cursor:pointer}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,380px),1fr));gap:40px 44px}
figcaption p{font-size:.875rem;color:var(--soft);line-height:1.45;margin:2px 0 14px;max-width:64ch}
figure{min-width:0}
.canvas{overflow-x:auto}
.canvas svg{display:block;height:auto;max-width:100%}
.map .canvas svg{max-width:none}
.numbers{margin-top:8px;font-size:.875rem}.numbers summary{color:var(--soft)}
.numbers caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.numbers table{width:auto}.numbers th,.numbers td{padding:4px 0 4px 24px}.numbers th:first-child{min-width:0;padding-left:0}
svg text{font-size:12px;fill:var(--soft)}
svg .class{fill:var(--ink)}svg .side{fill:var(--ink);font-weight:500}
.grid{stroke:var(--line)}.axis{stroke:var(--soft)}
.line{fill:none;stroke:var(--blue);stroke-width:2.25;stroke-linejoin:round;stroke-linecap:round}
.area{fill:var(--blue);fill-opacity:.1}
.asked{stroke:var(--orange);stroke-width:1.5;stroke-dasharray:6 4}.diagonal{stroke:var(--soft);stroke-width:1.5;stroke-dasharray:6 4}
svg .note{fill:var(--orange);stroke:var(--paper);stroke-width:4px;paint-order:stroke;stroke-linejoin:round}
svg .strong{fill:var(--ink);font-weight:650;font-size:13px}
.dot{fill:var(--blue);stroke:var(--paper);stroke-width:1.5}.whisker{stroke:var(--blue);stroke-width:1.5;stroke-opacity:.75}
.drop{stroke:var(--blue);stroke-dasharray:2 3}.chosen{fill:var(--paper);stroke:var(--blue);stroke-width:3.5}.other{fill:var(--paper);stroke:var(--blue);stroke-width:1.5}
.bar{fill:var(--blue);fill-opacity:.35}
.cell{fill:var(--empty)}g>rect.right{fill:var(--right)}g>rect.wrong{fill:var(--wrong)}g>rect.others{fill:var(--others)}
svg .count{font-size:11px;fill:var(--on)}
@media screen and (prefers-color-scheme:dark){svg .count.on-dark{fill:var(--over)}}@media print,(prefers-color-scheme:light){svg .count.on-light{fill:var(--over)}}
footer{padding-bottom:64px}
footer h2{font-family:inherit;font-size:1.15rem;font-weight:650;margin-bottom:14px}
.words{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr));gap:14px 32px;font-size:.875rem;line-height:1.45}
.words dt{font-weight:600;color:var(--ink);font-size:.875rem}.words dd{color:var(--soft)}
@media (max-width:640px){header.page,footer{padding-left:18px;padding-right:18px}header.page{padding-top:28px}main{padding:0}article{border-radius:0;border-width:1px 0;padding:24px 18px 28px}th,td{padding:7px 8px}.wide{margin:0;padding:0}.wide th:first-child{position:sticky;left:0;background:var(--paper);min-width:7.5em;max-width:10.5em}.numbers .wide th:first-child{min-width:0}header.page .wide th:first-child{background:var(--ground)}}
@media print{@page{margin:14mm}body{background:none;font-size:10.5pt}header.page,main,footer{max-width:none;padding:0}article{border:0;padding:0;margin:0 0 12mm;break-after:page}figure,tr,.outcome,dl>div{break-inside:avoid}h3,h4,caption{break-after:avoid}.wide,.canvas{overflow:visible}.map .canvas svg{max-width:100%}.numbers{display:none}.plots{grid-template-columns:1fr 1fr}table{font-size:8.5pt}thead th{font-size:8pt}th,td{padding:4px 6px}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
