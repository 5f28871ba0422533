#include "daemon/replenish/assortment.h"

#include "base/num.h"
#include <math.h>

static const char *const proposals[ASSORTMENT_VERDICT_COUNT] = {
#define X(verdict, name) [verdict] = name,
    ASSORTMENT_VERDICTS(X)
#undef X
};

const char *assortment_proposal(assortment_verdict v) {
    return proposals[v];
}

static assortment_verdict judge_carried(const assortment_rules *r, const assortment_facts *f) {
    if (f->stage == STAGE_INTRODUCTION) return SHELF_TRIAL;
    if (f->held_days < r->settle_days) return SHELF_EARLY;
    if (f->stage == STAGE_DECLINE && f->sold <= 0) return SHELF_RUN_DOWN;
    if (f->stock != NUM_NONE && f->stock > 0 && f->sold <= 0) return SHELF_STANDS;
    if (f->abc != 'C') return SHELF_KEEP;
    if (f->cover >= r->cover_days) return SHELF_SLOW;
    return !isnan(f->gmroi) && f->gmroi < r->gmroi ? SHELF_LOW_RETURN : SHELF_KEEP;
}

assortment_verdict assortment_judge(const assortment_rules *r, const assortment_facts *f) {
    if (f->carried) return judge_carried(r, f);
    bool grown = f->stage != STAGE_INTRODUCTION && f->stage != STAGE_DECLINE;
    bool usual = f->peers >= PEERS_LEAST && (double)f->selling >= r->peer_share * (double)f->peers;
    return grown && usual && f->selling > 0 && f->permitted ? SHELF_PEERS_SELL : SHELF_NOTHING;
}

static void put_number(buf *out, double v) {
    bool small = fabs(v) < 10;
    dec_put(out, llround(v * (small ? 100 : 1)), small ? 2 : 0, 0);
}

static void put_stock(const assortment_facts *f, language l, buf *out) {
    bool zh = l == LANGUAGE_ZH;
    if (f->stock == NUM_NONE) return;
    buf_addz(out, zh ? "，库存" : ", stock "), dec_put(out, f->stock, QUANTITY_SCALE, 0);
    if (f->age_days >= 0) buf_printf(out, zh ? "，最老%d天" : ", the oldest of it %d days", (int)f->age_days);
}

static void put_sold(const assortment_facts *f, language l, buf *out) {
    if (l == LANGUAGE_ZH) buf_printf(out, "%d天售出", (int)f->span_days), dec_put(out, f->sold, QUANTITY_SCALE, 0);
    else
        dec_put(out, f->sold, QUANTITY_SCALE, 0), buf_printf(out, " sold in %d days", (int)f->span_days);
}

static const char *const opening[ASSORTMENT_VERDICT_COUNT][LANGUAGES] = {
    [SHELF_KEEP] = {"Earns its place: ", "保留："},
    [SHELF_EARLY] = {"Too early to say: ", "时间尚短："},
    [SHELF_TRIAL] = {"In its introduction, its trial decides: ", "处于入市期，由试销决定："},
    [SHELF_RUN_DOWN] = {"In decline and no longer sold: ", "处于衰退期且已无销售："},
    [SHELF_STANDS] = {"Stands there and is not sold: ", "有库存而无销售："},
    [SHELF_SLOW] = {"Sells little and lasts too long: ", "销售少且库存过久："},
    [SHELF_LOW_RETURN] = {"Sells little and earns too little of its stock: ", "销售少且库存回报低："},
    [SHELF_PEERS_SELL] = {"Partners like it sell it: ", "同类伙伴在售："},
    [SHELF_NOTHING] = {"", ""},
};

void assortment_why(assortment_verdict v, const assortment_facts *f, language l, buf *out) {
    bool zh = l == LANGUAGE_ZH;
    if (v == SHELF_NOTHING) return;
    buf_addz(out, opening[v][l]);
    if (v == SHELF_PEERS_SELL) {
        buf_printf(out, zh ? "%2$u家中有%1$u家，居中者每周" : "%u of %u do, the one in the middle about ", f->selling,
                   f->peers);
        put_number(out, f->peer_week);
        buf_addz(out, zh ? "。" : " a week.");
        return;
    }
    put_sold(f, l, out);
    put_stock(f, l, out);
    if (f->cover >= 0 && f->sold > 0) {
        buf_addz(out, zh ? "，可销" : ", lasts "), put_number(out, f->cover);
        buf_addz(out, zh ? "天" : " days");
    }
    if (!isnan(f->gmroi)) buf_addz(out, zh ? "，GMROI " : ", GMROI "), put_number(out, f->gmroi);
    buf_addz(out, zh ? "。" : ".");
}
