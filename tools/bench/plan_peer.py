"""The formulas of `channel-bench plan` in numpy, on the bytes that the bench wrote: python3 plan_peer.py FOLDER. Prints
microseconds of the update and of the plan, orders, and units ordered."""
import math
import sys
import time

import numpy as np

f4 = np.float32
STATE = np.dtype([("open", "<i8"), ("level", "<f4", 3), ("holt", "<f4"), ("slope", "<f4"), ("sum", "<f4"), ("sum_t", "<f4"),
                  ("sum_sq", "<f4"), ("size", "<f4"), ("gap", "<f4"), ("chance", "<f4"), ("square", "<f4", 8),
                  ("low", "<f4"), ("high", "<f4"), ("n", "<u2"), ("hits", "<u2"), ("idle", "<u2"), ("cut", "<u2"),
                  ("last_day", "<u2"), ("off", "u1"), ("flags", "u1")])
ALPHA = [f4(0.1), f4(0.3), f4(0.8)]
FOLLOW = np.array([0.1, 0.8, 0.1, 0.3, 0.8, 0.3, 0.1, 0.1])
SES_SLOW, SES_FAST, THETA_SLOW, THETA, THETA_FAST, HOLT, SBA, TSB = range(8)
LEAD, LEAD_SD, REVIEW, TARGET, PACK, MOQ = 5.0, 1.0, 7.0, 0.95, 12.0, 24.0


class Series:
    """The states as columns."""

    def __init__(self, raw):
        for name in STATE.names:
            setattr(self, name, np.ascontiguousarray(raw[name]))
        self.n, self.hits, self.idle = (getattr(self, k).astype(f4) for k in ("n", "hits", "idle"))

    def take(self, at):
        part = object.__new__(Series)
        for name in STATE.names:
            setattr(part, name, getattr(self, name)[at])
        return part

    def put(self, at, part):
        for name in STATE.names:
            getattr(self, name)[at] = getattr(part, name)


def slope_of(s):
    middle = (s.n - 1) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (s.sum_t - middle * s.sum) / (s.n * (s.n * s.n - 1) / 12)
    return np.where(s.n < 3, f4(0), slope)


def say(s):
    slope = slope_of(s)
    out = np.empty((8, len(s.n)), f4)
    out[SES_SLOW], out[SES_FAST] = s.level[:, 0], s.level[:, 2]
    for i in range(3):
        left = np.where(s.n < 100, (1 - ALPHA[i]) ** s.n, 0)
        out[THETA_SLOW + i] = s.level[:, i] + slope / 2 * (1 - left) / ALPHA[i]
    out[HOLT] = s.holt + f4(0.9) * s.slope
    over = s.idle - 2 * s.gap
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(s.gap > 0, s.size / s.gap, f4(0))
    out[SBA] = f4(0.95) * ratio * np.where(over > 0, f4(0.9) ** over, f4(1))
    out[TSB] = s.chance * s.size
    return out, slope


def weigh(s):
    few = (s.hits > 0) & (s.n - s.idle >= f4(1.32) * s.hits)
    speaks = np.zeros((8, len(s.n)), bool)
    for by in range(8):
        speaks[by] = np.where(few, by in (SES_SLOW, THETA, HOLT, SBA, TSB), by < SBA)
    square = s.square.T
    least = np.where(speaks, square, np.inf).min(0)
    grain = np.where(speaks, square, 0).max(0) * f4(1e-6) + f4(1e-30)
    part = np.where(speaks, (least + grain) / (square + grain), 0) ** 4
    w = np.where(few, part, part * part)
    return w / w.sum(0), few


def observe(s, y):
    f, _ = say(s)
    w, few = weigh(s)
    mean = (w * f).sum(0) + np.where(few, w[SES_SLOW] * (s.level[:, 1] - s.level[:, 0]) / 2, 0)
    sigma = np.sqrt((w * s.square.T).sum(0))
    fence = mean + np.maximum(4 * sigma, mean)
    fence = np.where(few, np.maximum(fence, 4 * s.size), fence)
    cut = (s.n >= 8) & (y > fence) & (s.cut & 1 == 0) & (mean > 0)
    y = np.where(cut, fence, y).astype(f4)
    s.cut = np.where(cut, (s.cut & 0xfffe) + 3, s.cut & 0xfffe).astype(s.cut.dtype)
    with np.errstate(divide="ignore", invalid="ignore"):
        off = (y - mean) / sigma
    learn = (sigma > 0) & (s.n >= 3)
    s.low = np.where(learn, s.low + f4(0.1) * (f4(0.1) - (off < s.low)), s.low)
    s.high = np.where(learn, s.high + f4(0.1) * (f4(0.9) - (off < s.high)), s.high)
    by = np.maximum(f4(0.03), 1 / s.n)[:, None]
    s.square = s.square + by * ((y - f).T ** 2 - s.square)
    for i in range(3):
        s.level[:, i] += ALPHA[i] * (y - s.level[:, i])
    following = s.holt + f4(0.9) * s.slope
    miss = y - following
    s.holt = following + f4(0.3) * miss
    s.slope = f4(0.9) * s.slope + f4(0.3 * 0.05) * miss
    s.sum, s.sum_t, s.sum_sq = s.sum + y, s.sum_t + s.n * y, s.sum_sq + y * y
    s.chance += f4(0.1) * ((y > 0) - s.chance)
    hit, first = y > 0, s.hits == 0
    s.size = np.where(hit, np.where(first, y, s.size + f4(0.1) * (y - s.size)), s.size)
    s.gap = np.where(hit, np.where(first, s.idle + 1, s.gap + f4(0.1) * (s.idle + 1 - s.gap)), s.gap)
    s.hits, s.idle, s.n = s.hits + hit, np.where(hit, 0, s.idle + 1), s.n + 1


def update(s, sold, monday, factor):
    week = (s.last_day.astype(np.int64) + 3) // 7
    gap = (monday + 3) // 7 - week - 1
    observe(s, (s.open / 1000 / factor).astype(f4))
    for k in range(int(gap.max())):
        at = np.nonzero(gap > k)[0]
        part = s.take(at)
        observe(part, np.zeros(len(at), f4))
        s.put(at, part)
    s.open, s.last_day = sold.astype(np.int64) * 1000, np.full(len(sold), monday, s.last_day.dtype)


def ahead(s, buckets):
    f, slope = say(s)
    w, few = weigh(s)
    shared = np.where(few, w[SES_SLOW] * (s.level[:, 1] - s.level[:, 0]) / 2, 0)
    out, at, trend = [], f.astype(float), (f4(0.81) * s.slope).astype(float)
    for _ in range(buckets):
        out.append(np.maximum((w * at).sum(0) + shared, 0))
        at[THETA_SLOW:HOLT] += slope / 2
        at[HOLT] += trend
        trend *= 0.9
    asleep = s.idle >= np.maximum(8, 5 * s.gap)
    sigma = np.where(asleep, 0, np.sqrt((w * s.square.T).sum(0)))
    return np.where(asleep, 0, np.array(out)), sigma, (w.T * FOLLOW).sum(1)


def quantile_of_counts(mean, variance, p):
    """Negative binomial, Poisson where the variance is no larger than the mean."""
    wide = variance > mean * (1 + 1e-9)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.where(wide, mean * mean / (variance - mean), 0)
        q = np.where(wide, 1 - mean / variance, 0)
        at = np.where(wide, np.exp(r * np.log(mean / variance)), np.exp(-mean))
    below, k = at.copy(), np.zeros(len(mean))
    todo = np.nonzero((below < p) & (mean > 0))[0]
    while len(todo):
        k[todo] += 1
        at[todo] *= np.where(wide[todo], q[todo] * (r[todo] + k[todo] - 1), mean[todo]) / k[todo]
        below[todo] += at[todo]
        todo = todo[below[todo] < p]
    return k


def plan(s, on_hand, days):
    """days: factors of the days from Monday on, a series each row; the plan is of Tuesday."""
    whole = [7 * days[:, 7 * b:7 * b + 7].mean(1) for b in range(4)]
    mean, sigma, alpha = ahead(s, 4)
    level = mean[0].copy()
    span = LEAD + REVIEW
    demand = np.zeros(len(on_hand))
    for d in range(1, 1 + int(span)):
        b = d // 7
        demand += mean[b] * (whole[b] / 7) * days[:, d] / whole[b]
    buckets = span / 7
    height = np.where(level > 0, np.clip(demand / np.where(level > 0, level * buckets, 1), 0.2, 5), 1)
    error = sigma * np.sqrt(buckets * (1 + alpha * (buckets - 1) / 2)) * height
    day = demand / span
    sd = np.sqrt(error * error + day * day * LEAD_SD * LEAD_SD)
    hits, n = s.hits.astype(float), (s.n - s.idle).astype(float)
    size = s.sum / np.maximum(hits, 1)
    cv2 = np.maximum(s.sum_sq - s.sum * size, 0) / np.maximum(hits - 1, 1) / (size * size)
    few = n / np.maximum(hits, 1) >= 1.32
    counted = np.where(few, demand <= 300, (demand <= 30) & (sd * sd >= 0.8 * demand)) & (cv2 >= 0)
    unit = np.where(few, np.maximum(s.size, 1), 1)
    safety = 1.6448536269514722 * sd
    at = np.nonzero(counted)[0]
    m = demand[at] / unit[at]
    safety[at] = unit[at] * quantile_of_counts(m, np.maximum(sd[at] ** 2 / unit[at] ** 2, m), TARGET) - demand[at]
    safety = np.maximum(safety, 0)
    upto = np.round((demand + safety) * 1000)
    need = np.where(day * span > 1e-6, upto - on_hand * 1000.0, 0)
    return np.where(need > 0, np.ceil(np.maximum(need, MOQ * 1000) / (PACK * 1000)) * PACK, 0)


def main(folder):
    raw = np.fromfile(f"{folder}/states", STATE)
    on_hand, sold = np.fromfile(f"{folder}/on_hand", "<i4"), np.fromfile(f"{folder}/sold", "<u2")
    seasons = np.fromfile(f"{folder}/seasons", "<f8").reshape(100, -1)
    group = np.arange(len(raw)) % 100
    monday = 7 * ((int(raw["last_day"].max()) + 3) // 7 + 1) - 3
    s, factor, days = Series(raw), seasons[group, 0], seasons[group, 1:30]
    begin = time.perf_counter()
    update(s, sold, monday, factor)
    middle = time.perf_counter()
    quantity = plan(s, on_hand, days)
    end = time.perf_counter()
    print(math.floor((middle - begin) * 1e6), math.floor((end - middle) * 1e6), int((quantity > 0).sum()),
          int(quantity.sum()))


main(sys.argv[1])
