import { at, html, type Markup } from './html.ts';
import { type Cell, dataTable } from './tables.ts';

/** What a picture says, for those who look, for those who cannot, and for those who want the figures. */
export interface Caption {
  readonly id: string;
  readonly title: string;
  /** How to read it, in a sentence. */
  readonly reading: string;
  /** What it shows, in a sentence. */
  readonly description: string;
  readonly numbers?: { readonly head: readonly string[]; readonly rows: readonly (readonly Cell[])[] };
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The inner rectangle of a plot, and where its values lie on it. */
export interface Plane {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** A picture with its title, its description and, folded away, its numbers. */
export function figure(caption: Caption, { width, height }: Size, body: Markup): Markup {
  const { id, title, reading, description, numbers } = caption;
  const figures = numbers
    ? html`<details class="numbers"><summary>The numbers</summary>${dataTable({ caption: title, ...numbers })}</details>`
    : null;
  return html`<figure>
<figcaption><h4>${title}</h4><p>${reading}</p></figcaption>
<div class="canvas"><svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="${id}-t ${id}-d"><title id="${id}-t">${title}</title><desc id="${id}-d">${description}</desc>${body}</svg></div>
${figures}</figure>`;
}

/** Maps values onto a line; a domain of one value lies in its middle. */
export function scale(domain: readonly [number, number], range: readonly [number, number]): (value: number) => number {
  const [from, to] = domain;
  const [start, end] = range;
  if (from === to) return () => (start + end) / 2;
  return (value) => start + ((Math.min(Math.max(value, from), to) - from) / (to - from)) * (end - start);
}

/** Grid lines and figures along both sides, and what the sides stand for. */
export function axes(
  plane: Plane,
  x: { readonly ticks: readonly Tick[]; readonly title: string },
  y: { readonly ticks: readonly Tick[]; readonly title: string },
): Markup {
  const { left, right, top, bottom } = plane;
  const rows = y.ticks.map(({ value, label }) => {
    const height = at(plane.y(value));
    return html`<line class="grid" x1="${left}" x2="${right}" y1="${height}" y2="${height}"/><text class="tick" x="${left - 8}" y="${at(height + 4)}" text-anchor="end">${label}</text>`;
  });
  const columns = x.ticks.map(({ value, label }) => {
    const across = at(plane.x(value));
    return html`<line class="axis" x1="${across}" x2="${across}" y1="${bottom}" y2="${bottom + 4}"/><text class="tick" x="${across}" y="${bottom + 18}" text-anchor="middle">${label}</text>`;
  });
  return html`${rows}<line class="axis" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>${columns}
<text class="side" x="${right}" y="${bottom + 36}" text-anchor="end">${x.title}</text><text class="side" x="0" y="${top - 12}">${y.title}</text>`;
}

/** Percent ticks from `from` to `to`, at most seven of them. */
export function percentTicks(from: number, to: number): readonly Tick[] {
  const step = stepFor(to - from);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const value = (first + index) * step;
    return { value, label: `${at(100 * value)} %` };
  });
}

/** The smallest range with round ends that holds all shares. */
export function roundRange(shares: readonly number[]): readonly [number, number] {
  const finite = shares.filter((share) => Number.isFinite(share));
  if (finite.length === 0) return [0, 1];
  const low = Math.min(...finite);
  const high = Math.max(...finite);
  const step = stepFor(Math.max(high - low, 0.05));
  const from = Math.max(0, Math.floor(low / step + 1e-9) * step);
  return [from, Math.min(1, Math.max(Math.ceil(high / step - 1e-9) * step, from + step))];
}

/** A line through points in the order given. */
export function path(plane: Plane, points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${at(plane.x(x))} ${at(plane.y(y))}`).join('');
}

function stepFor(reach: number): number {
  return [0.01, 0.02, 0.05, 0.1, 0.2].find((step) => reach / step <= 6) ?? 0.25;
}
