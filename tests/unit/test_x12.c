/* links: formats proto base */
#include "base/file.h"
#include "proto/limits.h"
#include "tests/unit/edi_lines.h"
#include "tests/unit/readings.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define WIDE(sep)                                                                                                      \
    "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260131*0800*U*00401*000000001*0*P*" sep
#define THIN(sep) "ISA*00**00**ZZ*SENDER*ZZ*RECEIVER*260131*0800*U*00401*000000001*0*P*" sep

/* --- sets --- */

/* An interchange of one set with right counts around `body`; its segments end with '~'. */
static void wrap(buf *out, const char *set, const char *body) {
    size_t segments = 2;
    for (const char *p = body; *p; p++) segments += *p == '~';
    buf_printf(out, WIDE(">~") "GS*PT*S*R*20260131*0800*7*X*004010~ST*%s*0001~%sSE*%zu*0001~GE*1*7~IEA*1*000000001~",
               set, body, segments);
}

typedef struct set_case {
    const char *body, *want;
    size_t problems, skipped, refused;
} set_case;

static void check_cases(const char *set, const set_case *cases, size_t n) {
    for (size_t i = 0; i < n; i++) {
        AUTO(buf) text = {0}, got = {0};
        AUTO(docset) s = {0};
        err e = {0};
        wrap(&text, set, cases[i].body);
        if (!read_edi(&x12_format, buf_z(&text), NULL, &s, &e)) fail_msg("%s", e.text);
        put_lines(&got, &s);
        if (strcmp(buf_z(&got), cases[i].want) != 0 || s.problems_total != cases[i].problems ||
            s.skipped_total != cases[i].skipped || s.refused != cases[i].refused)
            fail_msg("%s case %zu: %s (%zu problems, %zu skipped, %zu refused), wanted %s", set, i, buf_z(&got),
                     s.problems_total, s.skipped_total, s.refused, cases[i].want);
    }
}

#define BPT  "BPT*00*R1*20260205*02~DTM*090*20260101~DTM*091*20260131~"
#define SHOP "N1*SN**UL*4012345000016~"

static void resale_reports(void **state) {
    (void)state;
    static const set_case cases[] = {
        {BPT "PTD*SS~QTY*32*15*BX~LIN**MG*1000~", "sale R1/ 2026-01-31 1000 15 BX - -|", 0, 0, 0},
        {BPT "PTD*SS~LIN**MG*1000~QTY*32*15*BX~", "sale R1/ 2026-01-31 1000 15 BX - -|", 0, 0, 0},
        {BPT "PTD*SS~QTY*32*2~LIN**MG*A~UIT*EA*5.5~QTY*32*3~LIN**MG*B~AMT*1*9.99~",
         "sale R1/ 2026-01-31 A 2  5.5 11|sale R1/ 2026-01-31 B 3  - 9.99|", 0, 0, 0},
        {BPT "PTD*SS~LIN**MG*A~UIT*EA*5~QTY*32*2~QTY*76*1~LIN**MG*B~QTY*32*3~AMT*1*9.99~",
         "sale R1/ 2026-01-31 A 2  5 10|sale R1/ 2026-01-31 A -1  5 -5|sale R1/ 2026-01-31 B 3  - 9.99|", 0, 0, 0},
        /* sold, shipped and ordered of one item are one figure */
        {BPT "PTD*SS~LIN**MG*A~QTY*38*9~QTY*39*8~QTY*32*7~", "sale R1/ 2026-01-31 A 7  - -|", 0, 2, 0},
        /* came back: signed once, whatever the sender signs */
        {BPT "PTD*RU~QTY*32*2~LIN**MG*A~UIT*EA*5~", "sale R1/ 2026-01-31 A -2  5 -10|", 0, 0, 0},
        {BPT "PTD*RP~QTY*32*-2~LIN**MG*A~AMT*1*10~", "sale R1/ 2026-01-31 A -2  - -10|", 0, 0, 0},
        {BPT "PTD*BN~QTY*76*2~LIN**MG*A~AMT*1*-10~", "sale R1/ 2026-01-31 A -2  - -10|", 0, 0, 0},
        {BPT "PTD*SS~QTY*32*-2~LIN**MG*A~", "sale R1/ 2026-01-31 A -2  - -|", 0, 0, 0},
        {BPT "PTD*SD~QTY*61*2-~LIN**MG*A~", "sale R1/ 2026-01-31 A -2  - -|", 0, 0, 0},
        /* other sorts of transfers */
        {BPT "N1*MF*US*91*M~PTD*RV~QTY*32*2~LIN**MG*A~", "return_out R1/ 2026-01-31 A 2  - - counterparty=M|", 0, 0, 0},
        {BPT "N1*SU**91*M~PTD*RC~QTY*87*2~LIN**MG*A~", "receipt R1/ 2026-01-31 A 2  - - counterparty=M|", 0, 0, 0},
        {BPT "PTD*IB~N1*ST**91*BR2~QTY*32*2~LIN**MG*A~", "transfer R1/ 2026-01-31 A 2  - - counterparty=BR2|", 0, 0, 0},
        {BPT "PTD*SM~QTY*32*1~LIN**MG*A~", "sale R1/ 2026-01-31 A 1  - - gift=Y|", 0, 0, 0},
        {BPT "PTD*SS~QTY*32*1~LIN**MG*A~AMT*1*0~", "sale R1/ 2026-01-31 A 1  - 0 gift=Y|", 0, 0, 0},
        {BPT "PTD*PA~QTY*32*1~LIN**MG*A~PTD*SU~QTY*32*1~LIN**MG*A~PTD*SS~QTY*32*3~LIN**MG*A~",
         "sale R1/ 2026-01-31 A 3  - -|", 0, 2, 0},
        {BPT "PTD*Q9~QTY*32*1~LIN**MG*A~", "", 1, 0, 1},
        /* whom, where to, from where */
        {BPT "PTD*SS~" SHOP "N1*BY*Clinic*91*C7~N1*ST*Clinic East*91*C8~N4*CHARLESTON*SC*29401~QTY*32*1~LIN**MG*A~",
         "sale R1/ 2026-01-31 A 1  - - place=4012345000016 customer=C7 ship_to=CHARLESTON SC 29401|", 0, 0, 0},
        {BPT "PTD*SS~N1*ST*Clinic East~N4***310000~QTY*32*1~LIN**MG*A~",
         "sale R1/ 2026-01-31 A 1  - - customer=Clinic East|", 0, 0, 0},
        {BPT "PTD*SS~N1*ST**92*S9~QTY*32*1~LIN**MG*A~", "sale R1/ 2026-01-31 A 1  - - customer=S9 ship_to=S9|", 0, 0,
         0},
        {BPT "PTD*SS~N1*ST**92*S9~N4*杭州市*浙江省**CN*CO*330106~QTY*32*1~LIN**MG*A~",
         "sale R1/ 2026-01-31 A 1  - - customer=S9 ship_to=330106|", 0, 0, 0},
        {BPT "PTD*SS~N1*ST**92*S9~QTY*32*1~LIN**MG*A~PTD*SS~QTY*32*2~LIN**MG*A~",
         "sale R1/ 2026-01-31 A 1  - - customer=S9 ship_to=S9|sale R1/ 2026-01-31 A 2  - -|", 0, 0, 0},
        /* dates, references, batches, serial numbers */
        {BPT
         "PTD*SS~REF*PO*P1~QTY*32*2~LIN**MG*A*LT*L7~REF*DI*I1~REF*SE*S1~REF*SE*S2~DTM*004*20260102~DTM*003*20260103~",
         "sale R1/ 2026-01-03 A 2  - - reference=I1 batch=L7 codes=S1;S2|", 0, 0, 0},
        {BPT "PTD*SS~SII*SN*S1~QTY*32*1~LIN**MG*A~DTM*003*20260103~DTM*011*20260104~QTY*32*1~LIN**MG*B~",
         "sale R1/ 2026-01-04 A 1  - - codes=S1|sale R1/ 2026-01-31 B 1  - -|", 0, 0, 0},
        {"BPT*00*R1*260205~PTD*SS~QTY*32*1~LIN**MG*A~DTM*003*2026~", "sale R1/ 2026-02-05 A 1  - -|", 1, 0, 0},
        {"BPT*00*R1~PTD*SS~QTY*32*1~LIN**MG*A~", "", 1, 0, 1},
        /* products: bar code, maker's, seller's number, case code, buyer's */
        {BPT "PTD*SS~QTY*32*1~LIN*7*BP*B*VN*V*MG*M*UP*U~", "sale R1/ 2026-01-31 U 1  - -|", 0, 0, 0},
        {BPT "PTD*SS~QTY*32*1~LIN**BP*B*UK*30387698433527*MG*M~", "sale R1/ 2026-01-31 M 1  - -|", 0, 0, 0},
        {BPT "PTD*SS~QTY*32*1~LIN**MG*M*UK*00387698433521~", "sale R1/ 2026-01-31 00387698433521 1  - -|", 0, 0, 0},
        {BPT "PTD*SS~QTY*32*1~LIN**EC*5V*BP*B~", "sale R1/ 2026-01-31 B 1  - -|", 0, 0, 0},
        {BPT "PTD*SS~QTY*32*1~LIN**EC*5V~", "", 1, 0, 1},
        /* prices: what was asked by contract before the catalogue's; of the quantity's own unit */
        {BPT "PTD*SS~QTY*32*2*BX~LIN**MG*A~UIT*BX*22.25*CA~UIT*BX*18.25*CT~AMT*S*4*C~",
         "sale R1/ 2026-01-31 A 2 BX 18.25 36.5|", 0, 0, 0},
        {BPT "PTD*SS~QTY*32*2*BX~LIN**MG*A~UIT*EA*18.25~", "sale R1/ 2026-01-31 A 2 BX - -|", 1, 0, 0},
        {BPT "PTD*SS~QTY*32*2~LIN**MG*A~UIT*EA*x~", "sale R1/ 2026-01-31 A 2  - -|", 1, 0, 0},
        /* damaged */
        {BPT "PTD*SS~QTY*32*x~LIN**MG*A~QTY*32*1~LIN**MG*B~", "sale R1/ 2026-01-31 B 1  - -|", 1, 0, 1},
        {BPT "PTD*SS~QTY*ZZ*1~LIN**MG*A~QTY*17*9~LIN**MG*A~", "", 1, 1, 1},
        {BPT "PTD*SS~QTY*32*1~LIN**MG*A~CTT*2~", "sale R1/ 2026-01-31 A 1  - -|", 1, 0, 0},
        {BPT "PTD*SS~QTY*32*1~LIN**MG*A~CTT*1~AMT*1*500~", "sale R1/ 2026-01-31 A 1  - -|", 0, 0, 0},
        /* purposes */
        {"BPT*05*R1*20260205~PTD*SS~QTY*32*1~LIN**MG*A~", "sale R1/1 2026-02-05 A 1  - -|", 0, 0, 0},
        {"BPT*77*R1*20260205~PTD*SS~QTY*32*1~LIN**MG*A~", "sale R1/ 2026-02-05 A 1  - -|", 1, 0, 0},
    };
    check_cases("867", cases, ARRAY_LEN(cases));
}

#define XQ  "XQ*H*20260101*20260131~"
#define AT1 "N1*RL**92*P1~"

static void activity_reports(void **state) {
    (void)state;
    static const set_case cases[] = {
        {XQ AT1 "LIN**UP*A~ZA*QS*5*EA~ZA*QA*9*EA~",
         "sale / 2026-01-31 A 5 EA - - place=P1|stock / 2026-01-31 A 9 EA - - place=P1|", 0, 0, 0},
        {XQ AT1 "LIN**UP*A~ZA*QS*5~LIN**UP*B~ZA*QS*6~N1*RL**92*P2~LIN**UP*A~ZA*QS*7~",
         "sale / 2026-01-31 A 5  - - place=P1|sale / 2026-01-31 B 6  - - place=P1|sale / 2026-01-31 A 7  - - place=P2|",
         0, 0, 0},
        /* gross and net, total and parts: each figure once */
        {XQ AT1 "LIN**UP*A~ZA*QS*5~ZA*QU*1~ZA*Q1*4~ZA*TS*4~",
         "sale / 2026-01-31 A 5  - - place=P1|sale / 2026-01-31 A -1  - - place=P1|", 0, 2, 0},
        {XQ AT1 "LIN**UP*A~ZA*Q1*4~ZA*QU*1~", "sale / 2026-01-31 A 4  - - place=P1|", 0, 1, 0},
        {XQ AT1 "LIN**UP*A~ZA*QS*9~ZA*Q3*1~ZA*RQ*-2~",
         "sale / 2026-01-31 A 9  - - place=P1|sale / 2026-01-31 A -1  - - place=P1|sale / 2026-01-31 A -2  - - "
         "place=P1|",
         0, 0, 0},
        {XQ AT1 "LIN**UP*A~ZA*QS*9~ZA*Q2*3~ZA*Q3*1~ZA*RQ*2~",
         "sale / 2026-01-31 A 9  - - place=P1|sale / 2026-01-31 A -3  - - place=P1|", 0, 2, 0},
        {XQ AT1 "LIN**UP*A~ZA*QA*7~ZA*QE*8~ZA*OH*9~ZA*QB*3~", "stock / 2026-01-31 A 9  - - place=P1|", 0, 3, 0},
        /* spread over places */
        {XQ "LIN**UP*A~ZA*QS~SDQ*EA*92*P1*3*P2*4~SDQ*EA*92*P3*1~ZA*QA~SDQ*EA*92*P1*8~",
         "sale / 2026-01-31 A 3 EA - - place=P1|sale / 2026-01-31 A 4 EA - - place=P2|sale / 2026-01-31 A 1 EA - - "
         "place=P3|stock / 2026-01-31 A 8 EA - - place=P1|",
         0, 0, 0},
        {XQ "LIN**UP*A~ZA*QS*7*EA~SDQ*EA*92*P1*3*P2*4~",
         "sale / 2026-01-31 A 3 EA - - place=P1|sale / 2026-01-31 A 4 EA - - place=P2|", 0, 0, 0},
        {XQ "LIN**UP*A~ZA*QS*9*EA~SDQ*EA*92*P1*3*P2*4~",
         "sale / 2026-01-31 A 3 EA - - place=P1|sale / 2026-01-31 A 4 EA - - place=P2|", 1, 0, 0},
        {XQ "LIN**UP*A~CTP**NET*2~ZA*QS*7*EA~SDQ*EA*92*P1*3*P2*x~", "sale / 2026-01-31 A 3 EA 2 6 place=P1|", 2, 0, 1},
        {XQ "LIN**UP*A~CTP**NET******70~ZA*QS*7*EA~SDQ*EA*92*P1*3*P2*4~",
         "sale / 2026-01-31 A 3 EA - 30 place=P1|sale / 2026-01-31 A 4 EA - 40 place=P2|", 0, 0, 0},
        /* prices; what came in is not worth what it sells for */
        {XQ "N1*SU**91*M~" AT1 "LIN**UP*A~CTP**RTL*3~CTP**RES*2.5~ZA*QS*4~ZA*QU*1~ZA*QR*10~",
         "sale / 2026-01-31 A 4  2.5 10 place=P1|sale / 2026-01-31 A -1  2.5 -2.5 place=P1|receipt / 2026-01-31 A 10  "
         "- - "
         "place=P1 counterparty=M|",
         0, 0, 0},
        /* dates */
        {"XQ*G*950613~" AT1 "LIN**BP*X*VP*A~ZA*QA*10*EA~", "stock / 1995-06-13 A 10 EA - - place=P1|", 0, 0, 0},
        {XQ AT1 "LIN**UP*A~ZA*QS*4*EA*007*20260115~ZA*QA*4*EA~",
         "sale / 2026-01-15 A 4 EA - - place=P1|stock / 2026-01-31 A 4 EA - - place=P1|", 0, 0, 0},
        {AT1 "LIN**UP*A~ZA*QS*4~", "", 1, 0, 1},
        /* damaged */
        {XQ AT1 "ZA*QS*4~LIN**UP*A~ZA*ZZ*1~ZA*QS*x~ZA*QP*3~", "", 3, 1, 3},
        {XQ AT1 "LIN**UP*A~ZA*QS*4~CTT*2~", "sale / 2026-01-31 A 4  - - place=P1|", 1, 0, 0},
    };
    check_cases("852", cases, ARRAY_LEN(cases));
}

static void inventory_reports(void **state) {
    (void)state;
#define BIA "BIA*00*DM*I1*20260131~"
    static const set_case cases[] = {
        {BIA "N1*WH**92*W1~LIN**MG*A~QTY*17*5*EA~", "stock I1/ 2026-01-31 A 5 EA - - place=W1|", 0, 0, 0},
        {BIA "LIN**MG*A~QTY*33*4.125*FT~QTY*17*5*FT~LIN**MG*B*LT*L1~QTY*33*3~",
         "stock I1/ 2026-01-31 A 5 FT - -|stock I1/ 2026-01-31 B 3  - - batch=L1|", 0, 1, 0},
        {BIA "DTM*007*20260130~LIN**MG*A~QTY*17*5~UIT*CA~QTY*87*2~UIT*EA~",
         "stock I1/ 2026-01-30 A 5 CA - -|receipt I1/ 2026-01-30 A 2 EA - -|", 0, 0, 0},
        {BIA "LIN**MG*A~SDQ*EA*92*W1*5*W2*6~",
         "stock I1/ 2026-01-31 A 5 EA - - place=W1|stock I1/ 2026-01-31 A 6 EA - - place=W2|", 0, 0, 0},
        {BIA "LIN**MG*A~QTY*63*5~QTY*zz*1~", "", 1, 1, 1},
        {"BIA*05*DM*I1*20260131~LIN**MG*A~QTY*17*0~", "stock I1/1 2026-01-31 A 0  - -|", 0, 0, 0},
    };
    check_cases("846", cases, ARRAY_LEN(cases));
}

static void ship_notices(void **state) {
    (void)state;
#define BSN "BSN*00*S1*20260131~"
#define TO  "N1*ST**92*D1~"
    static const set_case cases[] = {
        {BSN "HL*1**S~" TO "HL*2*1*O~PRF*PO1~HL*3*2*I~LIN**UP*A~SN1**5*CA~",
         "shipment S1/ 2026-01-31 A 5 CA - - counterparty=D1 reference=PO1|", 0, 0, 0},
        /* carton above item (0001) and below it (0004) */
        {BSN "HL*1**S~" TO
             "HL*2*1*O~HL*3*2*P~MAN*GM*C1~HL*4*3*I~LIN**UP*A~SN1**5~HL*5*2*P~MAN*GM*C2~HL*6*5*I~LIN**UP*B~SN1*"
             "*6~",
         "shipment S1/ 2026-01-31 A 5  - - counterparty=D1 codes=C1|shipment S1/ 2026-01-31 B 6  - - counterparty=D1 "
         "codes=C2|",
         0, 0, 0},
        {BSN "HL*1**S~" TO
             "HL*2*1*O~HL*3*2*I~LIN**UP*A~SN1**5~HL*4*3*P~MAN*GM*C1~HL*5*3*P~MAN*GM*C2~HL*6*2*I~LIN**UP*B~SN1*"
             "*6~",
         "shipment S1/ 2026-01-31 A 5  - - counterparty=D1 codes=C1;C2|shipment S1/ 2026-01-31 B 6  - - "
         "counterparty=D1|",
         0, 0, 0},
        /* a pallet holds what its cartons do not name; an order may have a destination of its own */
        {BSN "HL*1**S~HL*2*1*O~" TO
             "HL*3*2*T~MAN*GM*T1~HL*4*3*P~MAN*GM*C1~HL*5*4*I~LIN**UP*A~SN1**1~HL*6*3*P~HL*7*6*I~LIN**UP*"
             "B~SN1**2~HL*8*1*O~N1*ST**92*D2~HL*9*8*I~LIN**UP*C*LT*L1~SN1**3~REF*SE*X1~",
         "shipment S1/ 2026-01-31 A 1  - - counterparty=D1 codes=C1|shipment S1/ 2026-01-31 B 2  - - counterparty=D1 "
         "codes=T1|shipment S1/ 2026-01-31 C 3  - - counterparty=D2 batch=L1 codes=X1|",
         0, 0, 0},
        /* parents not said or not there: levels stand where they usually do */
        {BSN "HL*1**S~" TO "HL*2**O~PRF*PO1~HL*3**I~LIN**UP*A~SN1**1~HL*4**I~LIN**UP*B~SN1**2~",
         "shipment S1/ 2026-01-31 A 1  - - counterparty=D1 reference=PO1|shipment S1/ 2026-01-31 B 2  - - "
         "counterparty=D1 "
         "reference=PO1|",
         0, 0, 0},
        {BSN "HL*1**S~" TO "HL*2*77*I~LIN**UP*A~SN1**1~", "shipment S1/ 2026-01-31 A 1  - - counterparty=D1|", 1, 0, 0},
        /* dates: shipped before the notice's own */
        {"BSN*00*S1*260130~DTM*011*260129~HL*1**S~HL*2*1*I~LIN**UP*A~SN1**1~", "shipment S1/ 2026-01-29 A 1  - -|", 0,
         0, 0},
        {"BSN*00*S1*20260130~HL*1**S~DTM*011*200~HL*2*1*I~LIN**UP*A~SN1**1~", "shipment S1/ 2026-01-30 A 1  - -|", 1, 0,
         0},
        /* totals: levels or items; the sum of quantities */
        {BSN "HL*1**S~HL*2*1*I~LIN**UP*A~SN1**5~CTT*2*5~", "shipment S1/ 2026-01-31 A 5  - -|", 0, 0, 0},
        {BSN "HL*1**S~HL*2*1*I~LIN**UP*A~SN1**5~CTT*1*6~", "shipment S1/ 2026-01-31 A 5  - -|", 1, 0, 0},
        {BSN "HL*1**S~HL*2*1*I~LIN**UP*A~SN1**5~CTT*9~", "shipment S1/ 2026-01-31 A 5  - -|", 1, 0, 0},
        /* damaged */
        {BSN "SN1**5~HL*1**I~LIN**UP*A~SN1**x~HL*2**I~SN1**3~", "", 3, 0, 3},
    };
    check_cases("856", cases, ARRAY_LEN(cases));
}

static void levels_at_their_bound(void **state) {
    (void)state;
    enum { DEPTH = 8 };
    for (int extra = 0; extra <= 1; extra++) {
        AUTO(buf) body = {0}, text = {0};
        AUTO(docset) s = {0};
        err e;
        buf_addz(&body, BSN);
        for (int i = 1; i < DEPTH + extra; i++) buf_printf(&body, "HL*%d*%.0d*P~", i, i - 1);
        buf_printf(&body, "HL*%d*%d*I~LIN**UP*A~SN1**1~", DEPTH + extra, DEPTH + extra - 1);
        wrap(&text, "856", buf_z(&body));
        assert_true(read_edi(&x12_format, buf_z(&text), NULL, &s, &e));
        assert_int_equal(s.lines, 1);
        assert_int_equal(s.problems_total, extra);
    }
}

static void a_cancellation_has_no_lines(void **state) {
    (void)state;
    AUTO(buf) text = {0}, nameless = {0};
    AUTO(docset) s = {0};
    AUTO(docset) none = {0};
    err e;
    wrap(&text, "867", "BPT*01*R1*20260205~PTD*SS~QTY*32*1~LIN**MG*A~PTD*RV~QTY*32*1~LIN**MG*A~");
    assert_true(read_edi(&x12_format, buf_z(&text), NULL, &s, &e));
    assert_int_equal(s.lines, 0);
    assert_int_equal(s.docs, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_true(s.doc[i].flags & DOC_CANCEL);
        assert_true(s.doc[i].type == (i ? TYPE_RETURN_OUT : TYPE_SALE));
        assert_int_equal(s.doc[i].date, day_of(2026, 2, 5));
    }
    wrap(&nameless, "867", "BPT*01**20260205~");
    assert_true(read_edi(&x12_format, buf_z(&nameless), NULL, &none, &e));
    assert_int_equal(none.docs, 0);
    assert_int_equal(none.refused, 1);
}

static void the_mapping_fills_and_drops(void **state) {
    (void)state;
    AUTO(buf) text = {0}, got = {0};
    AUTO(docset) s = {0};
    mapping m = {.stream = STR("north"), .doc_flags = DOC_SCOPE_YEAR | DOC_ADD};
    err e;
    m.constants[FIELD_T_PLACE] = STR("P9");
    m.privacy[FIELD_T_CUSTOMER] = m.privacy[FIELD_T_SHIP_TO] = PRIVACY_DROP;
    wrap(&text, "867", BPT "PTD*SS~N1*ST*A Person*91*C7~QTY*32*1~LIN**MG*A~");
    assert_true(read_edi(&x12_format, buf_z(&text), &m, &s, &e));
    put_lines(&got, &s);
    assert_string_equal(buf_z(&got), "sale R1/ 2026-01-31 A 1  - - place=P9|");
    assert_true(str_is(words_get(&s.words, s.doc[0].text[D_STREAM]), "north"));
    assert_int_equal(s.doc[0].flags, DOC_SCOPE_YEAR); /* a number is its identity: nothing adds */
}

#define SALE(no, n) "ST*867*" no "~BPT*00*" n "*20260205~PTD*SS~QTY*32*1~LIN**MG*A~"

static void envelopes_are_counted_and_other_sets_refused(void **state) {
    (void)state;
#define GS "GS*PT*S*R*20260131*0800*7*X*004010~"
    static const struct {
        const char *text;
        bool refuse_test, ok;
        size_t docs, problems;
        const char *says; /* in the error, or in the first problem's texts */
    } cases[] = {
        {WIDE(">~") GS SALE("1", "R1") "SE*6*1~GE*1*7~IEA*1*000000001~", false, true, 1, 0, ""},
        {WIDE(">~") GS SALE("0001", "R1") "SE*6*1~GE*1*07~IEA*1*1~", false, true, 1, 0, ""},
        {SALE("1", "R1") "SE*6*1~", false, true, 1, 0, ""},
        {WIDE(">~") GS SALE("1", "R1") "SE*7*1~GE*1*7~IEA*1*000000001~", false, true, 1, 1, "6, as counted"},
        {WIDE(">~") GS SALE("1", "R1") "SE*6*2~GE*1*7~IEA*1*000000001~", false, true, 1, 1, "reference 1"},
        {WIDE(">~") GS SALE("1", "R1") "SE*6*1~GE*2*7~IEA*1*000000001~", false, true, 1, 1, "1, as counted"},
        {WIDE(">~") GS SALE("1", "R1") "SE*6*1~GE*1*8~IEA*1*000000001~", false, true, 1, 1, "reference 7"},
        {WIDE(">~") GS SALE("1", "R1") "SE*6*1~GE*1*7~IEA*1*5~", false, true, 1, 1, "reference 000000001"},
        {WIDE(">~") GS SALE("1", "R1") "SE*6*1~GE*1*7~", false, true, 1, 1, "cut off"},
        {WIDE(">~") GS SALE("1", "R1"), false, true, 1, 3, "cut off"},
        {THIN(">~") GS SALE("1", "R1") "SE*6*1~GE*1*7~IEA*1*000000001~", false, true, 1, 1, "106 letters"},
        {WIDE(">~") GS SALE("1", "R1") "SE*6*1~" SALE("2", "R2") "SE*6*2~GE*2*7~IEA*1*000000001~", false, true, 2, 0,
         ""},
        {WIDE(">~") GS SALE("1", "R1") "SE*6*1~" SALE("2", "R1") "SE*6*2~GE*2*7~IEA*1*000000001~", false, true, 2, 1,
         "replaces the earlier"},
        {WIDE(">~") GS "ST*850*1~BEG*00*SA*1~SE*3*1~GE*1*7~IEA*1*000000001~", false, false, 0, 1,
         "segment 3: X12 850 (a purchase order) is not read here; wanted 867, 852, 846 or 856"},
        {WIDE(">~") GS "ST*999x*1~SE*2*1~GE*1*7~IEA*1*000000001~", false, false, 0, 1, "no report of goods"},
        {WIDE(">~") GS "ST*850*1~SE*2*1~" SALE("2", "R1") "SE*6*2~GE*2*7~IEA*1*000000001~", false, true, 1, 1,
         "purchase order"},
        {WIDE(">~") GS "GE*0*7~IEA*1*000000001~", false, false, 0, 0, "without a transaction set"},
        {WIDE(">~") GS SALE("1", "R1") "hello~SE*7*1~GE*1*7~IEA*1*000000001~", false, true, 1, 1, "tag"},
        {"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260131*0800*U*00401*000000001*0*T*>~" GS
             SALE("1", "R1") "SE*6*1~GE*1*7~IEA*1*000000001~",
         false, true, 1, 1, "test"},
        {"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260131*0800*U*00401*000000001*0*T*>~" GS
             SALE("1", "R1") "SE*6*1~GE*1*7~IEA*1*000000001~",
         true, false, 0, 1, "test interchange"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(docset) s = {0};
        AUTO(buf) said = {0};
        mapping m = {.edifact_refuse_test = cases[i].refuse_test};
        err e = {0};
        bool ok = read_edi(&x12_format, cases[i].text, &m, &s, &e);
        if (!ok) buf_addz(&said, e.text);
        if (s.problem_count)
            buf_add(&said, s.problems[0].found), buf_add(&said, s.problems[0].wanted),
                buf_add(&said, s.problems[0].hint);
        if (ok != cases[i].ok || s.docs != cases[i].docs || s.problems_total != cases[i].problems ||
            !strstr(buf_z(&said), cases[i].says))
            fail_msg("case %zu: %s, %zu documents, %zu problems: %s", i, ok ? "read" : "refused", s.docs,
                     s.problems_total, buf_z(&said));
    }
}

static void texts_at_their_bound(void **state) {
    (void)state;
    for (int extra = 0; extra <= 1; extra++) {
        AUTO(buf) body = {0}, text = {0};
        AUTO(docset) s = {0};
        err e;
        buf_addz(&body, BPT "PTD*SS~QTY*32*1~LIN**MG*");
        for (int i = 0; i < LIMIT_TEXT + extra; i++) buf_byte(&body, 'p');
        buf_byte(&body, '~');
        wrap(&text, "867", buf_z(&body));
        assert_true(read_edi(&x12_format, buf_z(&text), NULL, &s, &e));
        assert_int_equal(s.lines, extra ? 0 : 1);
        assert_int_equal(s.refused, extra);
    }
}

static void codes_at_their_bound(void **state) {
    (void)state;
    enum { CODE = 31 };
    for (int extra = 0; extra <= 1; extra++) {
        AUTO(buf) body = {0}, text = {0};
        AUTO(docset) s = {0};
        err e;
        buf_addz(&body, BPT "PTD*SS~QTY*32*1~LIN**MG*A~");
        for (int i = 0; i < LIMIT_CODES / (CODE + 1); i++) buf_printf(&body, "REF*SE*%0*d~", CODE, i);
        buf_printf(&body, "%s", extra ? "REF*SE*x~" : "");
        wrap(&text, "867", buf_z(&body));
        assert_true(read_edi(&x12_format, buf_z(&text), NULL, &s, &e));
        assert_int_equal(s.lines, extra ? 0 : 1);
        assert_int_equal(s.refused, extra);
    }
}

/* --- real files --- */

static bool read_shared(const char *name, docset *s, err *e) {
    AUTO(buf) bytes = {0};
    char path[PATH_SIZE], file[256];
    (void)snprintf(file, sizeof file, "data/edi_x12/%.200s", name);
    docset_init(s);
    if (!shared_path(file, path, sizeof path)) skip();
    if (!file_read(path, LIMIT_FILE_BYTES, &bytes, e)) fail_msg("%s", e->text);
    source in = {.name = name, .bytes = buf_str(&bytes)};
    return formats_read(&in, NULL, s, e);
}

/* Figures as counted by hand in the files. */
static void real_reports(void **state) {
    (void)state;
    static const struct {
        const char *name, *dialect, *want;
        size_t docs, problems, skipped;
    } cases[] = {
        {"867_hida_example1.txt", "x12-867",
         "sale DM20001/ 2000-03-01 1000 15 BX 18.25 273.75 customer=89KGH1140 ship_to=CHARLESTON SC 29401 "
         "reference=DIN99234|sale DM20001/ 2000-03-01 45-766 4 BX 32.4 129.6 reference=DIN765344|",
         1, 1, 1},
        {"852_aftermarket.txt", "x12-852",
         "stock / 1995-06-13 P96A 10 EA - - place=007061617|stock / 1995-06-13 P99A 77 EA - - place=007061617|", 1, 0,
         2},
        {"846_example1.txt", "x12-846",
         "stock 10353/ 2004-08-11 1234123232 5250 EA - - place=SAN003|receipt 10353/ 2004-08-11 1234123232 75 EA - - "
         "place=SAN003|",
         2, 0, 2},
        {"856_example1.txt", "x12-856",
         "shipment 123456/ 2001-04-20 1234-123456 16 PC - - counterparty=201495124 reference=123456|shipment 123456/ "
         "2001-04-20 1234-654321 23 LB - - counterparty=201495124 reference=123456|shipment 123456/ 2001-04-20 "
         "1234-223456 "
         "16 PC - - counterparty=201495124 reference=123456|",
         1, 0, 0},
        {"856_example2.txt", "x12-856",
         "shipment / 2003-06-19 rt2371 1400 PC - - counterparty=987654321 reference=B00000389 "
         "codes=798412;798413|shipment "
         "/ 2003-06-19 lt2372 1500 PC - - counterparty=987654321 reference=B00003489 codes=798514;798515;798516|",
         1, 0, 0},
        {"856_gregarican.txt", "x12-856",
         "shipment 521649209219/ 2012-05-10 883932284904 1 EA - - counterparty=004 reference=SO/VINCE1 "
         "codes=00007121610006156802|",
         1, 0, 0},
        {"walmart_856.txt", "x12-856",
         "shipment 829716/ 2011-12-06 999999310145 24 EA - - counterparty=XYZ RETAIL reference=99999817|shipment "
         "829716/ "
         "2011-12-06 999999311746 6 EA - - counterparty=XYZ RETAIL reference=99999817|",
         1, 1, 0},
        {"edifabric_856.txt", "x12-856",
         "shipment 01140824/ 2005-10-15 008815509183 4 EA - - counterparty=0078742035260 reference=9988776655 "
         "codes=00000010012345614785|shipment 01140824/ 2005-10-15 008815547321 9 EA - - counterparty=0078742035260 "
         "reference=9988776655 codes=00000010012345614785|shipment 01140824/ 2005-10-15 008815509183 4 EA - - "
         "counterparty=0078742035260 reference=2288115555 codes=00000010012378945698|shipment 01140824/ 2005-10-15 "
         "008815547321 9 EA - - counterparty=0078742035260 reference=2288115555 codes=00000010012378945698|",
         1, 3, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(docset) s = {0};
        AUTO(buf) got = {0};
        err e = {0};
        if (!read_shared(cases[i].name, &s, &e)) fail_msg("%s", e.text);
        put_lines(&got, &s);
        assert_string_equal(buf_z(&got), cases[i].want);
        assert_true(str_is(s.dialect, cases[i].dialect));
        assert_int_equal(s.docs, cases[i].docs);
        assert_int_equal(s.problems_total, cases[i].problems);
        assert_int_equal(s.skipped_total, cases[i].skipped);
        assert_int_equal(s.refused, 0);
    }
}

/* Two notices under one number: eight items in cartons, 24+36+24+36+24+36 and 24+36 pieces. */
static void a_notice_of_cartons(void **state) {
    (void)state;
    AUTO(docset) s = {0};
    err e = {0};
    int64_t sum[2] = {0, 0};
    if (!read_shared("botsasn/PARTNER2_20130123_1.x12", &s, &e)) fail_msg("%s", e.text);
    assert_int_equal(s.docs, 2);
    assert_int_equal(s.lines, 8);
    assert_int_equal(s.problems_total, 1);
    for (size_t i = 0; i < s.lines; i++) {
        sum[docset_at(&s, i).doc] += docset_at(&s, i).number[N_QUANTITY];
        assert_true(str_starts(line_word(&s, i, T_CODES), STR("00001234567812345678")));
        assert_int_equal(line_word(&s, i, T_CODES).n, 22);
    }
    assert_int_equal(sum[0], 180000);
    assert_int_equal(sum[1], 60000);
}

static bool is_readable(const char *name) {
    return strstr(name, "867") || strstr(name, "852") || strstr(name, "846") || strstr(name, "856") ||
           strstr(name, "PARTNER2_20130123");
}

/* Every file is read, or refused in one clear line that names what it is. */
static size_t walk(const char *folder) {
    char path[PATH_SIZE], name[256];
    const char *root = getenv("CHANNELD_SHARED");
    size_t files = 0;
    (void)snprintf(path, sizeof path, "%s/data/edi_x12/%s", root ? root : "../shared", folder);
    DIR *dir = opendir(path);
    if (dir == NULL) {
        (void)printf("skipped: %s is not here (set CHANNELD_SHARED)\n", path);
        skip();
    }
    for (struct dirent *d; (d = readdir(dir)) != NULL;) {
        AUTO(docset) s = {0};
        err e = {0};
        if (d->d_name[0] == '.' || d->d_type == DT_DIR) continue;
        (void)snprintf(name, sizeof name, "%s%.100s", folder, d->d_name);
        bool ok = read_shared(name, &s, &e);
        files++;
        if (ok != (is_readable(d->d_name) && !strstr(d->d_name, ".xml")))
            fail_msg("%s: %s", name, ok ? "read" : e.text);
        if (ok) continue;
        assert_int_equal(e.code, ERR_DATA);
        if (strchr(e.text, '\n') || !strstr(e.text, "wanted")) fail_msg("'%s' is no clear line", e.text);
        if (strstr(d->d_name, "850") && !strstr(e.text, "purchase order"))
            fail_msg("'%s' does not say what it is", e.text);
    }
    (void)closedir(dir);
    return files;
}

static void each_file_is_read_or_refused_in_one_line(void **state) {
    (void)state;
    assert_true(walk("") + walk("bots850/") + walk("botsasn/") >= 31);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resale_reports),
        cmocka_unit_test(activity_reports),
        cmocka_unit_test(inventory_reports),
        cmocka_unit_test(ship_notices),
        cmocka_unit_test(levels_at_their_bound),
        cmocka_unit_test(a_cancellation_has_no_lines),
        cmocka_unit_test(the_mapping_fills_and_drops),
        cmocka_unit_test(envelopes_are_counted_and_other_sets_refused),
        cmocka_unit_test(texts_at_their_bound),
        cmocka_unit_test(codes_at_their_bound),
        cmocka_unit_test(real_reports),
        cmocka_unit_test(a_notice_of_cartons),
        cmocka_unit_test(each_file_is_read_or_refused_in_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
