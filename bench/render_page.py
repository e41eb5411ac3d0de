"""Make ``docs/benchmarks.md`` and its figure from what was measured last."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl
from compare import FAMILIES, METRICS, STANDS_FOR, TASKS
from environments import TITLES
from matplotlib.axes import Axes

mpl.use("Agg")
from matplotlib import pyplot as plt

HERE = Path(__file__).parent
RESULTS = HERE / ".results"
PAGE = HERE.parent / "docs" / "benchmarks.md"
FIGURE = HERE.parent / "docs" / "images" / "benchmarks.png"
# What the contours of one more structure in two courses may take.
CONTOURS_MB = 2.0
UNDER: dict[str, Any] = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.14)}
OURS, THEIRS = "#0072b2", "#999999"
GROUPS = {
    "Spheres and tilted ellipsoids, 1 cc and more, slices of 1 to 3 mm": (
        "round|all|1 cc and more"
    ),
    "The same, slices of 3 mm": "round|3 mm|1 cc and more",
    "Cylinders and cones (flat ends), 1 cc and more, slices of 1 to 3 mm": (
        "flat|all|1 cc and more"
    ),
    "All shapes, 1 cc and more, slices of 1 to 3 mm": "all|all|1 cc and more",
    "All shapes below 1 cc, slices of 1 to 3 mm": "all|all|below 1 cc",
}
QUALITY = {
    "mean_mm": ("{:.3f}", "mean error in the liver {} mm"),
    "worst_mm": ("{:.3f}", "largest {} mm"),
    "rms_gy": ("{:.3f}", "error {} Gy rms"),
    "worst_gy": ("{:.2f}", "largest {} Gy"),
}

Results = dict[str, Any]


def main() -> None:
    """Write page and figure."""
    results = _kept("compare")
    scaling, equivalent = _kept("scaling"), _kept("equivalent_dose")
    parts = [
        _introduction(results),
        _times(results["tasks"]),
        _equivalent(equivalent),
        _accuracy(results.get("accuracy", {})),
        "## Pictures\n\n![Accuracy, time and growth](images/benchmarks.png)\n",
        _where_peers_win(results, equivalent),
        _growth(scaling),
        _many_files(_kept("import_many_files")),
    ]
    PAGE.write_text("\n".join(part for part in parts if part))
    _figure(results, scaling)
    print(f"written to {PAGE.name} and {FIGURE.name}")


def _kept(name: str) -> Results:
    file = RESULTS / f"{name}.json"
    return json.loads(file.read_text()) if file.is_file() else {}


def _introduction(results: Results) -> str:
    machine = results["machine"]
    versions = ", ".join(
        f"{TITLES[name]} {version}" for name, version in results["versions"].items()
    )
    missing = [
        f"{TITLES[name]} was left out: {reason}."
        for name, reason in results["missing"].items()
    ]
    return f"""# Benchmarks

Made by `make bench` on {machine["date"]}; do not edit. One machine with
{machine["cores"]} cores ({machine["cpu"]}), {machine["system"]}, Python
{machine["python"]}; load average at the start {machine["load"]:.1f}, so
times of a load above 1 are only good for ratios.

Versions: {versions}. Every peer runs in an environment of its own
(`bench/peers/*.txt`); none is a dependency. {" ".join(missing)}

All read the same DICOM files: two courses with an MR of 100 slices of 300 x 300 at
1.5 x 1.5 x 3 mm, 15 structures with 86,600 contour points, liver of 1,500 cc with 200
points a slice, doses of 150 x 150 x 100 voxels at 3 mm and 225 x 225 x 150 at 2 mm
(`python bench/generated_case.py OUT` writes them).
"""


def _times(tasks: Results) -> str:
    lines = [
        "## Time and memory",
        "",
        "Time and processor time are medians of five runs in one process (fewer where",
        "n says so), without start and imports. Whole process and peak memory are of a",
        "process that does the task once. Neither SimpleITK nor plastimatch gives",
        "contours: SimpleITK reads image and dose only, plastimatch converts to files.",
    ]
    for task, (title, _) in TASKS.items():
        if task not in tasks:
            continue
        lines += [
            "",
            f"**{title}**",
            "",
            "| program | time, s | processor, s | n | whole, s | peak, MB | result |",
            "| --- | ---: | ---: | ---: | ---: | ---: | --- |",
        ]
        for name, one in sorted(tasks[task].items(), key=_by_time):
            lines.append(_row(name, one))
    return "\n".join([*lines, "", _ratios(tasks)])


def _by_time(item: tuple[str, Results]) -> float:
    return float(item[1].get("time_s", 1e9))


def _row(name: str, one: Results) -> str:
    if "failed" in one:
        return f"| {_bold(name)} | | | | | | {one['failed']} |"
    said = ", ".join(
        sentence.format(style.format(one["quality"][key]))
        for key, (style, sentence) in QUALITY.items()
        if key in one["quality"]
    )
    cells = [
        _bold(name),
        f"{one['time_s']:.3f}",
        f"{one['cpu_s']:.3f}",
        f"{len(one['times_s'])}",
        f"{one['whole_s']:.1f}",
        f"{one['peak_mb']:.0f}",
        said,
    ]
    return f"| {' | '.join(cells)} |"


def _bold(name: str) -> str:
    return f"**{TITLES[name]}**" if name == "reirrad" else TITLES[name]


def _ratios(tasks: Results) -> str:
    lines = []
    for task, (title, peer) in TASKS.items():
        ours = tasks.get(task, {}).get("reirrad", {})
        theirs = tasks.get(STANDS_FOR.get(task, task), {}).get(peer, {})
        if "time_s" in ours and "time_s" in theirs:
            ratio = theirs["time_s"] / ours["time_s"]
            lines.append(
                f"- {title}: reirrad takes {ours['time_s']:.3f} s, {TITLES[peer]} "
                f"{ratio:.2f} times that."
            )
    return "\n".join(lines) + "\n"


def _equivalent(results: Results) -> str:
    if not results:
        return ""
    lines = [
        "## Cumulative EQD2 of two courses",
        "",
        "Plain is reading the two doses and writing their sum into a waiting array.",
        "",
        "| points | way | time, ms | times plain |",
        "| --- | --- | ---: | ---: |",
    ]
    for name, one in results.items():
        plain = one["times_ms"]["plain read and write"]
        for way, spent in one["times_ms"].items():
            lines.append(
                f"| {one['n_points']:,} ({name}) | {way} | {spent:.2f} | "
                f"{spent / plain:.1f} |"
            )
    return "\n".join(lines) + "\n"


def _accuracy(accuracy: Results) -> str:
    answers = {name: one for name, one in accuracy.items() if "groups" in one}
    if not answers:
        return ""
    lines = [
        "## Accuracy on solids with closed forms",
        "",
        "Mean absolute error in % of the truth, the largest in brackets: 432 cases of",
        f"{', '.join(FAMILIES)} from 0.1 to 35 cc in linear and Gaussian doses on 3 mm",
        "grids (`bench/analytic_case.py`). `make bench` prints each family; each slice",
        "spacing is in its results. A structure without an answer counts as 100 %.",
    ]
    for title, group in GROUPS.items():
        n = next(iter(answers.values()))["groups"][group]["n"]
        lines += [
            "",
            f"**{title}** (n = {n})",
            "",
            "| program | " + " | ".join(METRICS) + " |",
            "| --- |" + " ---: |" * len(METRICS),
        ]
        for name, answer in answers.items():
            cells = [
                "{:.2f} ({:.1f})".format(*answer["groups"][group][metric])
                for metric in METRICS
            ]
            lines.append(f"| {_bold(name)} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", _intervals(answers), ""])


def _intervals(answers: Results) -> str:
    told = answers.get("reirrad", {}).get("intervals", {})
    parts = [f"{name} {percent:.1f} %" for name, (_, percent) in told.items()]
    if not parts:
        return ""
    return (
        "reirrad alone tells an interval; no peer does. Share of all cases in which "
        f"the truth lies in it: {', '.join(parts)}."
    )


def _where_peers_win(results: Results, equivalent: Results) -> str:
    lines = [
        *_faster_peers(results["tasks"]),
        *_faster_equivalents(equivalent),
        *_more_accurate_peers(results.get("accuracy", {})),
    ]
    listed = "\n".join(f"- {line}" for line in lines) or "Nowhere in these tables."
    return f"## Where a peer is better\n\n{listed}\n"


def _faster_peers(tasks: Results) -> list[str]:
    lines = []
    for task, (title, _) in TASKS.items():
        ours = tasks.get(task, {}).get("reirrad", {}).get("time_s")
        others = tasks.get(STANDS_FOR.get(task, task), {}) | tasks.get(task, {})
        for name, one in others.items():
            if ours and name != "reirrad" and one.get("time_s", ours) < ours:
                lines.append(
                    f"{title}: {TITLES[name]} is faster "
                    f"({one['time_s']:.3f} against {ours:.3f} s)."
                )
        if task.startswith("register"):
            lines += _closer_peers(title, tasks.get(task, {}), others)
    return lines


def _faster_equivalents(equivalent: Results) -> list[str]:
    return [
        f"Cumulative EQD2, {name}: {way} is faster "
        f"({spent:.2f} against {one['times_ms']['reirrad']:.2f} ms)."
        for name, one in equivalent.items()
        for way, spent in one["times_ms"].items()
        if way != "plain read and write" and spent < one["times_ms"]["reirrad"]
    ]


def _closer_peers(title: str, own: Results, others: Results) -> list[str]:
    ours = own.get("reirrad", {}).get("quality", {}).get("mean_mm")
    return [
        f"{title}: {TITLES[name]} is closer "
        f"({one['quality']['mean_mm']:.3f} against {ours:.3f} mm)."
        for name, one in others.items()
        if ours and one.get("quality", {}).get("mean_mm", ours) < ours
    ]


def _more_accurate_peers(accuracy: Results) -> list[str]:
    answers = {name: one for name, one in accuracy.items() if "groups" in one}
    lines = []
    for title, group in GROUPS.items():
        for metric in METRICS:
            means = {n: one["groups"][group][metric][0] for n, one in answers.items()}
            best = min(means, key=lambda name: means[name])
            if "reirrad" in means and means[best] < means["reirrad"]:
                lines.append(
                    f"{title}, {metric}: {TITLES[best]} errs less on average "
                    f"({means[best]:.2f} against {means['reirrad']:.2f} %)."
                )
    return lines


def _growth(scaling: Results) -> str:
    if not scaling:
        return ""
    lines = [
        "## How cost grows",
        "",
        "Processor time and peak memory of a process of its own; the exponent is that",
        "of the power law through the points (1: in proportion, 0: not at all).",
        "",
        "| against | exponent | value: time in s (peak in MB) |",
        "| --- | ---: | --- |",
    ]
    for name, series in scaling.items():
        points = "; ".join(
            f"{row['value']:g}: {row['time_s']:.3f} ({row['peak_mb']:.0f})"
            for row in series["rows"]
        )
        lines.append(f"| {name} | {series['exponent']:.2f} | {points} |")
    return "\n".join([*lines, "", _memory(scaling), ""])


def _many_files(results: Results) -> str:
    if not results:
        return ""
    rows = results["rows"]
    own = rows["reirrad inspect"]["seconds"]
    lines = [
        "## Many files",
        "",
        f"{results['files']:,} mixed files of ten patients (CT slices of 128 x 128",
        "with a scanner's header, structures, plans, doses, registrations, text).",
        "`reirrad inspect` reads every byte (SHA-256) and ties the objects together;",
        "the peer opens each file and skips the pixels. Limits: 500 files/s, 500 MB.",
        "",
        "| | files/s | peak in MB | time against inspect |",
        "| --- | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {what} | {row['files_per_s']:.0f} | {row['peak_mb']:.0f} "
        f"| {row['seconds'] / own:.2f} |"
        for what, row in rows.items()
    ]
    return "\n".join([*lines, ""])


def _memory(scaling: Results) -> str:
    rows = scaling.get("structures in a whole assessment", {}).get("rows", [])
    if not rows:
        return ""
    first, last = rows[0], rows[-1]
    each = _mb_for_each(first, last)
    bounded = "is" if each < CONTOURS_MB else "is not"
    steps = ", ".join(f"{_mb_for_each(*pair):.1f}" for pair in pairwise(rows))
    return (
        f"`reirrad assess` of the generated case peaks at {first['peak_mb']:.0f} MB "
        f"with {first['value']:g} structures and at {last['peak_mb']:.0f} MB with "
        f"{last['value']:g}: {each:.1f} MB for each further structure (from step to "
        f"step {steps}). Memory {bounded} bounded by the size of the images."
    )


def _mb_for_each(fewer: Results, more: Results) -> float:
    """Memory of each further structure."""
    more_mb = float(more["peak_mb"] - fewer["peak_mb"])
    return more_mb / float(more["value"] - fewer["value"])


def _figure(results: Results, scaling: Results) -> None:
    figure, axes = plt.subplots(1, 3, figsize=(13.0, 4.8), layout="constrained")
    _draw_accuracy(axes[0], results.get("accuracy", {}))
    _draw_times(axes[1], results["tasks"])
    _draw_growth(axes[2], scaling)
    figure.savefig(FIGURE, dpi=90)


def _draw_accuracy(axis: Axes, accuracy: Results) -> None:
    """Mean errors of the round solids, each metric a row of dots."""
    answers = {name: one for name, one in accuracy.items() if "groups" in one}
    markers = dict(zip(answers, "os^Dvp*X", strict=False))
    for name, answer in answers.items():
        group = answer["groups"]["round|all|1 cc and more"]
        means = [max(group[metric][0], 1e-3) for metric in METRICS]
        colour = OURS if name == "reirrad" else None
        axis.scatter(
            means,
            range(len(METRICS)),
            marker=markers[name],
            color=colour,
            label=TITLES[name],
            s=36,
            zorder=3 if name == "reirrad" else 2,
        )
    axis.set_yticks(range(len(METRICS)), METRICS)
    axis.invert_yaxis()
    axis.set_xscale("log")
    axis.set_xlabel("mean absolute error, %")
    axis.set_title("Spheres and ellipsoids of 1 cc and more", fontsize=10)
    axis.grid(axis="x", alpha=0.4)
    axis.legend(fontsize=7, ncols=3, **UNDER)


def _draw_times(axis: Axes, tasks: Results) -> None:
    shown = {"read": "read", "dvh": "DVHs", "register": "register"}
    labels, values, colours = [], [], []
    for task, short in shown.items():
        for name, one in sorted(tasks.get(task, {}).items(), key=_by_time):
            if "time_s" in one:
                labels.append(f"{short}: {TITLES[name]}")
                values.append(one["time_s"])
                colours.append(OURS if name == "reirrad" else THEIRS)
    axis.barh(range(len(labels)), values, color=colours)
    axis.set_yticks(range(len(labels)), labels, fontsize=7)
    axis.invert_yaxis()
    axis.set_xscale("log")
    axis.xaxis.set_minor_formatter("")
    if values:
        axis.set_xlim(0.5 * min(values), 1.2 * max(values))
    axis.set_xlabel("median time, s")
    axis.set_title("Time on the same files", fontsize=10)
    axis.grid(axis="x", alpha=0.4)


def _draw_growth(axis: Axes, scaling: Results) -> None:
    """Each series in parts of its first point."""
    for name, series in scaling.items():
        rows = series["rows"]
        axis.plot(
            [row["value"] / rows[0]["value"] for row in rows],
            [row["time_s"] / rows[0]["time_s"] for row in rows],
            marker="o",
            label=f"{name} ({series['exponent']:.2f})",
        )
    axis.axline((1.0, 1.0), (10.0, 10.0), color="grey", linestyle=":", linewidth=1)
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_xlabel("size, in parts of the smallest")
    axis.set_ylabel("time, in parts of the first")
    axis.set_title("Growth (exponent); dotted: in proportion", fontsize=10)
    if scaling:
        axis.legend(fontsize=6.5, ncols=2, **UNDER)
    axis.grid(alpha=0.4)


if __name__ == "__main__":
    main()
