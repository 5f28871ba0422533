#include "tools/channelctl/forecast.h"

#include "base/num.h"
#include "maths/accuracy.h"
#include "maths/forecast.h"
#include "maths/season.h"
#include "tools/channelctl/series_files.h"
#include <math.h>

/* The last values of each series are held out; the state that the daemon keeps is fed with the rest, value by value, and
 * asked. What is chosen, the season included, comes from the rest alone. */

enum { TURN_MOST = 64, LEAST_PAST = 3 };

static const forecast_method methods[] = {METHOD_NAIVE,   METHOD_SEASONAL, METHOD_SES, METHOD_HOLT, METHOD_THETA,
                                          METHOD_CROSTON, METHOD_SBA,      METHOD_TSB, METHOD_AUTO};

typedef struct mean {
    double sum;
    size_t n;
} mean;

static void mean_add(mean *m, double v) {
    if (isfinite(v)) m->sum += v, m->n++;
}

typedef struct score {
    mean smape, mase, rmsse, pinball;
    double error, demand; /* of all values held out */
    size_t series;
} score;

typedef struct cut { /* one series in two */
    const series *s;
    size_t past;
    unsigned ahead;
    double factor[TURN_MOST]; /* of its season, by value mod turn */
} cut;

typedef struct said {
    double mean[FORECAST_MAX], lower[FORECAST_MAX], upper[FORECAST_MAX];
} said;

static double factor_at(const cut *t, size_t at) {
    return t->factor[at % t->s->turn];
}

static void say_naive(const cut *t, unsigned back, said *out) {
    double squares = 0, n = 0;
    for (size_t i = back; i < t->past; i++, n++) squares += pow(t->s->y[i] - t->s->y[i - back], 2);
    double sigma = n > 0 ? sqrt(squares / n) : 0;
    for (unsigned i = 0; i < t->ahead; i++) {
        double wide = 1.28 * sigma * sqrt(1 + (double)(i / back));
        out->mean[i] = t->s->y[t->past - back + i % back];
        out->lower[i] = fmax(out->mean[i] - wide, 0), out->upper[i] = out->mean[i] + wide;
    }
}

static void say_method(const cut *t, const forecast_state *state, forecast_method m, said *out) {
    forecast_view view;
    unsigned back = m == METHOD_SEASONAL && t->past > t->s->turn ? t->s->turn : 1;
    if (m == METHOD_NAIVE || m == METHOD_SEASONAL) {
        say_naive(t, back, out);
        return;
    }
    forecast_by(state, m, t->ahead, &view, out->mean, out->lower, out->upper);
    for (unsigned i = 0; i < t->ahead; i++) {
        double factor = factor_at(t, t->past + i);
        out->mean[i] *= factor, out->lower[i] *= factor, out->upper[i] *= factor;
    }
}

static void judge(const cut *t, const said *f, score *out) {
    const double *past = t->s->y, *y = past + t->past;
    double scale = accuracy_scale(past, t->past, 1), lost = 0;
    for (unsigned i = 0; i < t->ahead; i++) {
        lost += accuracy_pinball(y[i], f->lower[i], 0.1) + accuracy_pinball(y[i], f->mean[i], 0.5) +
                accuracy_pinball(y[i], f->upper[i], 0.9);
        out->error += f->mean[i] - y[i], out->demand += y[i];
    }
    mean_add(&out->smape, accuracy_smape(y, f->mean, t->ahead));
    mean_add(&out->mase, accuracy_mase(past, t->past, t->past > t->s->turn ? t->s->turn : 1, y, f->mean, t->ahead));
    mean_add(&out->rmsse, accuracy_rmsse(past, t->past, y, f->mean, t->ahead));
    mean_add(&out->pinball, lost / (3 * t->ahead) / scale);
    out->series++;
}

/* ---- the season: a series' own where it sells steadily, else that of all together */

static void group_season(const series_list *l, const cut *t, size_t n, unsigned turn, double *factor) {
    AUTO(arena) room = {0};
    size_t most = 0;
    arena_init(&room, SIZE_MAX); /* as long as the longest series */
    for (size_t i = 0; i < n; i++)
        if (t[i].s->phase + t[i].past > most) most = t[i].s->phase + t[i].past;
    double *sum = ARENA_NEW(&room, double, most + 1), *count = ARENA_NEW(&room, double, most + 1);
    for (size_t i = 0; l->shared && i < n; i++)
        for (size_t k = 0; k < t[i].past; k++) sum[t[i].s->phase + k] += t[i].s->y[k], count[t[i].s->phase + k] += 1;
    for (size_t k = 0; k < most; k++) sum[k] /= count[k] > 0 ? count[k] : 1;
    season_phases(sum, most, turn, factor);
}

static void own_season(cut *t, const double *group) {
    double adi, cv2;
    const series *s = t->s;
    bool some = demand_class_measure(s->y, t->past, &adi, &cv2);
    season_phases(s->y, t->past, s->turn, t->factor);
    if (some && adi < ADI_CUT) return;
    for (unsigned k = 0; k < s->turn; k++) t->factor[k] = group[(s->phase + k) % s->turn];
}

static void follow(const cut *t, forecast_state *state) {
    *state = (forecast_state){.n = 0};
    for (size_t i = 0; i < t->past; i++) forecast_observe(state, t->s->y[i] / factor_at(t, i));
}

static unsigned usual_horizon(unsigned turn) {
    return turn == 12 ? 12 : turn == 7 ? 28 : turn == 52 ? 13 : turn == 4 ? 8 : 6;
}

static size_t cut_all(const series_list *l, unsigned horizon, cut *out) {
    size_t n = 0;
    for (size_t i = 0; i < l->n; i++) {
        const series *s = &l->v[i];
        unsigned ahead = horizon ? horizon : s->horizon ? s->horizon : usual_horizon(s->turn);
        if (s->n < ahead + LEAST_PAST) continue;
        out[n++] = (cut){.s = s, .past = s->n - ahead, .ahead = ahead};
    }
    return n;
}

static void backtest(const series_list *l, cut *t, size_t n, score *out) {
    double group[TURN_MOST];
    if (n) group_season(l, t, n, t[0].s->turn, group);
    for (size_t i = 0; i < n; i++) {
        forecast_state state;
        own_season(&t[i], group);
        follow(&t[i], &state);
        for (size_t m = 0; m < ARRAY_LEN(methods); m++) {
            said f;
            say_method(&t[i], &state, methods[m], &f);
            judge(&t[i], &f, &out[m]);
        }
    }
}

/* ---- the answer */

static const char *const columns[] = {"method", "series", "smape", "mase", "rmsse", "pinball", "bias"};

static void put_mean(json *j, const char *key, double sum, double n) {
    AUTO(buf) text = {0};
    json_key(j, key);
    if (n > 0) buf_printf(&text, "%.6f", sum / n), json_raw(j, buf_str(&text));
    else
        json_none(j);
}

static bool show_scores(client *c, const score *all, err *e) {
    AUTO(call_out) head = {0};
    AUTO(buf) rows = {0};
    render to;
    call_out_init(&head);
    head.form = ANSWER_LIST, head.columns = ARRAY_LEN(columns);
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) head.column[i] = str_of(columns[i]);
    TRY(render_begin(&to, c->as, &head, c->output, e));
    for (size_t m = 0; m < ARRAY_LEN(methods); m++) {
        const score *s = &all[m];
        json j = json_into(&rows);
        json_open_object(&j);
        json_key(&j, "method"), json_z(&j, forecast_method_name(methods[m]));
        json_key(&j, "series"), json_uint(&j, s->series);
        put_mean(&j, "smape", s->smape.sum, (double)s->smape.n);
        put_mean(&j, "mase", s->mase.sum, (double)s->mase.n);
        put_mean(&j, "rmsse", s->rmsse.sum, (double)s->rmsse.n);
        put_mean(&j, "pinball", s->pinball.sum, (double)s->pinball.n);
        put_mean(&j, "bias", s->error, s->demand);
        json_end_object(&j);
        buf_byte(&rows, '\n');
    }
    bool ok = render_rows(&to, buf_str(&rows), e);
    err why;
    return render_end(&to, ok ? e : &why) && ok;
}

static bool read_options(client *c, series_format *format, int64_t *horizon, err *e) {
    static const char *const formats[] = {"m3", "wide", "long"};
    bool given;
    *horizon = 0;
    str word = args_option(c->args, "format", &given);
    for (size_t i = 0; given && i <= ARRAY_LEN(formats); i++) {
        if (i == ARRAY_LEN(formats))
            return err_set(e, ERR_USAGE, "--format is '%.*s', wanted m3, wide or long", STR_ARG(str_take(word, 20)));
        *format = (series_format)(i + 1);
        if (str_is(word, formats[i])) break;
    }
    word = args_option(c->args, "horizon", &given);
    return !given || (dec_parse(word, 0, horizon, NULL) && *horizon >= 1 && *horizon <= FORECAST_MAX) ||
           err_set(e, ERR_USAGE, "--horizon is '%.*s', wanted 1 to %d", STR_ARG(str_take(word, 20)), FORECAST_MAX);
}

bool client_forecast_backtest(client *c, err *e) {
    AUTO(buf) bytes = {0};
    AUTO(series_list) list = {0};
    series_format format = SERIES_AUTO;
    score all[ARRAY_LEN(methods)] = {0};
    int64_t horizon;
    bool given;
    str path = args_option(c->args, "file", &given);
    TRY(read_options(c, &format, &horizon, e) && client_read_file(path, &bytes, e));
    attachment file = {str_is(path, "-") ? STR("stdin") : base_name(path), buf_str(&bytes)};
    TRY(series_read(&file, format, &list, e));
    cut *cuts = ARENA_NEW(&list.text, cut, list.n);
    size_t n = cut_all(&list, (unsigned)horizon, cuts);
    if (n == 0)
        return err_set(e, ERR_DATA, "%.*s: no series is longer than the horizon by %d values", STR_ARG(file.name),
                       LEAST_PAST);
    if (n < list.n) {
        AUTO(buf) note = {0};
        buf_printf(&note, "%zu of %zu series are too short and left out", list.n - n, list.n);
        render_note(buf_str(&note));
    }
    backtest(&list, cuts, n, all);
    return show_scores(c, all, e);
}
