/* links: formats */
#include "formats/csv.h"
#include "proto/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* Every row as "NO:cell|cell", joined by blanks; newlines inside cells as '~'. */
static bool rows_of(str bytes, buf *out, char *sep, err *e) {
    AUTO(csv) c = {0};
    TRY(csv_open(&c, bytes, e));
    *sep = c.sep;
    for (;;) {
        table_row row;
        TRY(csv_next(&c, &row, e));
        if (row.no == 0) return true;
        buf_printf(out, "%s%d:", out->n ? " " : "", (int)row.no);
        for (size_t i = 0; i < row.cells; i++) {
            if (i) buf_byte(out, '|');
            for (size_t k = 0; k < row.cell[i].n; k++)
                buf_byte(out, strchr("\r\n", row.cell[i].p[k]) ? '~' : row.cell[i].p[k]);
        }
    }
}

static void rows_and_their_lines(void **state) {
    (void)state;
    static const struct {
        const char *in;
        char sep;
        const char *rows;
    } cases[] = {
        {"a,b\n1,2\n", ',', "1:a|b 2:1|2"},
        {"a,b\r\n1,2\r\n", ',', "1:a|b 2:1|2"},
        {"a,b\r1,2\r3,4", ',', "1:a|b 2:1|2 3:3|4"},
        {"a;b\n1,5;2,5\n3,5;4,5\n1,5;2,5\n1,5;2,5\n", ';', "1:a|b 2:1,5|2,5 3:3,5|4,5 4:1,5|2,5 5:1,5|2,5"},
        {"a\tb\n1,2\t3\n", '\t', "1:a|b 2:1,2|3"},
        {"a|b|c\n1|2|3\n", '|', "1:a|b|c 2:1|2|3"},
        {"sku,codes\nA,1;2\nB,3;4\nC,5;6\n", ',', "1:sku|codes 2:A|1;2 3:B|3;4 4:C|5;6"},
        {"一月销售报表\n\n日期,数量\n1,2\n", ',', "1:一月销售报表 3:日期|数量 4:1|2"},
        {"sep=;\na;b\n1;2\n", ';', "2:a|b 3:1|2"},
        {"a,b\n\n,\n \n1,2\n", ',', "1:a|b 5:1|2"},
        {"a,b\n\"x\ny\",2\n3,4\n", ',', "1:a|b 2:x~y|2 4:3|4"},
        {"a,b\r\n\"x\r\ny\r\n\",2\r\n3,4", ',', "1:a|b 2:x~~y~~|2 5:3|4"},
        {"a,b\n\"say \"\"hi\"\"\",\"\"\n", ',', "1:a|b 2:say \"hi\"|"},
        {"a,b\n=\"00123\",='x\n", ',', "1:a|b 2:00123|='x"},
        {"a,b\n=\"1,2\", \"3,4\"\n", ',', "1:a|b 2:1,2|3,4"},
        {"a,b\n5\" pipe,\"x\"y\n", ',', "1:a|b 2:5\" pipe|xy"},
        {"a,b\n1\n1,2,3\n1,2,\n", ',', "1:a|b 2:1 3:1|2|3 4:1|2|"},
        {"only\none\n", ',', "1:only 2:one"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(buf) out = {0};
        char sep;
        err e;
        if (!rows_of(str_of(cases[i].in), &out, &sep, &e)) fail_msg("case %zu: %s", i, e.text);
        assert_int_equal(sep, cases[i].sep);
        assert_string_equal(buf_z(&out), cases[i].rows);
    }
}

static void an_open_quote_is_a_damaged_file(void **state) {
    (void)state;
    AUTO(buf) out = {0};
    char sep;
    err e;
    assert_false(rows_of(STR("a,b\n1,2\n3,\"x\n4,5\n"), &out, &sep, &e));
    assert_int_equal(e.code, ERR_DATA);
    assert_non_null(strstr(e.text, "row 3: a quote is opened and never closed"));
}

static void one_row(const char *what, size_t n, table_row *flags, size_t *cell) {
    AUTO(buf) in = {0};
    AUTO(csv) c = {0};
    err e;
    for (size_t i = 0; i < n; i++) buf_addz(&in, what);
    assert_true(csv_open(&c, buf_str(&in), &e));
    assert_true(csv_next(&c, flags, &e));
    *cell = flags->cell[0].n;
}

static void bounds(void **state) {
    (void)state;
    table_row row;
    size_t cell;
    one_row("x", LIMIT_CELL, &row, &cell);
    assert_int_equal(cell, LIMIT_CELL);
    assert_false(row.long_cell);
    one_row("x", LIMIT_CELL + 1, &row, &cell);
    assert_int_equal(cell, LIMIT_CELL);
    assert_true(row.long_cell);
    one_row("x,", LIMIT_COLUMNS - 1, &row, &cell);
    assert_int_equal(row.cells, LIMIT_COLUMNS);
    assert_false(row.excess);
    one_row("x,", LIMIT_COLUMNS, &row, &cell);
    assert_int_equal(row.cells, LIMIT_COLUMNS);
    assert_true(row.excess);
}

/* Both passes of a reader must see the same, also where the bytes are converted piece by piece. */
static void a_second_pass_sees_the_same(void **state) {
    (void)state;
    AUTO(buf) in = {0};
    AUTO(csv) c = {0};
    table_row row;
    err e;
    uint64_t sum[2] = {0}, rows[2] = {0};
    buf_addz(&in, "sep=;\n");
    for (int i = 0; i < 20000; i++) buf_addz(&in, "\xc8\xd5;\"\xc6\xda\"\r\n");
    assert_true(csv_open(&c, buf_str(&in), &e));
    assert_string_equal(charset_name(c.in.kind), "gb18030");
    for (int pass = 0; pass < 2; pass++, csv_rewind(&c))
        while (csv_next(&c, &row, &e) && row.no) {
            sum[pass] += row.no;
            rows[pass] += row.cells == 2 && str_is(row.cell[0], "日") && str_is(row.cell[1], "期");
        }
    assert_int_equal(rows[0], 20000);
    assert_int_equal(rows[0], rows[1]);
    assert_int_equal(sum[0], sum[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_their_lines),
        cmocka_unit_test(an_open_quote_is_a_damaged_file),
        cmocka_unit_test(bounds),
        cmocka_unit_test(a_second_pass_sees_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
