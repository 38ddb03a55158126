// The chart of an incident or a brand: observed against expected, one series at a time, events as vertical lines.
"use strict";

const HEIGHT = 260;
const place = document.getElementById("chart");
let plot = null;
let chosen = 0;
let data = null;

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function moment(seconds) {
  return new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ");
}

// The time of a tick, or the date at midnight; UTC, as everywhere.
function minute(seconds) {
  const [date, time] = moment(seconds).split(" ");
  return time === "00:00" ? date.slice(5) : time;
}

function marks(plotted) {
  const { ctx, bbox } = plotted;
  ctx.save();
  ctx.strokeStyle = colour("--critical");
  ctx.setLineDash([2, 4]);
  for (const mark of data.marks) {
    const x = Math.round(plotted.valToPos(mark.t, "x", true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

function draw() {
  const series = data.series[chosen];
  const line = colour("--line");
  const axis = { stroke: colour("--soft"), grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
  const figure = (_, value) => (value === null || value === undefined ? "–" : Number(value.toPrecision(3)).toString());
  if (plot) plot.destroy();
  plot = new uPlot({
    width: place.clientWidth, height: HEIGHT, hooks: { draw: [marks] }, cursor: { y: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    scales: { y: { range: (_, low, high) => [Math.min(low ?? 0, 0), Math.max(high ?? 0, 1e-9) * 1.1] } },
    axes: [{ ...axis, values: (_, ticks) => ticks.map(minute) }, { ...axis, size: 56 }],
    series: [
      { label: "UTC", value: (_, seconds) => (seconds === null ? "–" : moment(seconds)) },
      { label: `${series.observed_label}: ${series.label}`, stroke: colour("--info"), fill: colour("--info") + "26", width: 2, value: figure, points: { show: false } },
      { label: series.expected_label, stroke: colour("--soft"), dash: [6, 4], width: 2, value: figure, points: { show: false } },
    ],
  }, [data.t, series.observed, series.expected], place);
}

function tabs() {
  const bar = document.getElementById("chart-tabs");
  bar.replaceChildren(...data.series.map((series, number) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = series.label;
    button.setAttribute("aria-pressed", String(number === chosen));
    button.addEventListener("click", () => {
      chosen = number;
      for (const [at, other] of [...bar.children].entries()) other.setAttribute("aria-pressed", String(at === number));
      draw();
    });
    return button;
  }));
}

async function load() {
  const reply = await fetch(place.dataset.source, { headers: { Accept: "application/json" } });
  if (!reply.ok) return;
  data = await reply.json();
  if (!data.t.length) return;
  chosen = Math.min(chosen, data.series.length - 1);
  if (document.getElementById("chart-tabs").children.length !== data.series.length) tabs();
  draw();
  place.dataset.drawn = "yes";
}

if (place) {
  load();
  document.addEventListener("tocsin:changed", load);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => data && draw());
  new ResizeObserver(() => plot && plot.setSize({ width: place.clientWidth, height: HEIGHT })).observe(place);
}
