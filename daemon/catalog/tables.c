#include "daemon/catalog/catalog.h"

#define KEY           .key = true
#define REQUIRED      .required = true
#define REFERS_TO(of) CELL_REF, .ref = CATALOG_##of
#define COLUMN(column, of_type, ...)                                                                                   \
    { .name = column, .type = of_type, ##__VA_ARGS__ }

static const catalog_column partner_columns[] = {
    COLUMN("id", CELL_ID, KEY, REQUIRED),
    COLUMN("name", CELL_TEXT),
    COLUMN("kind", CELL_CHOICE, REQUIRED,
           .choices = "manufacturer=厂家=厂商|distributor=经销商=一级经销商|sub_distributor=二级经销商=分销商|"
                      "retailer=零售商|terminal=终端=门店"),
    COLUMN("tier", CELL_ID),
    COLUMN("parent", REFERS_TO(PARTNER)),
    COLUMN("region", CELL_REGION),
};

static const catalog_column product_columns[] = {
    COLUMN("sku", CELL_ID, KEY, REQUIRED),
    COLUMN("gtin", CELL_ID),
    COLUMN("name", CELL_TEXT),
    COLUMN("brand", CELL_TEXT),
    COLUMN("category", CELL_TEXT),
    COLUMN("base_unit", CELL_ID),
    COLUMN("units", CELL_UNITS),
    COLUMN("list_price", CELL_DECIMAL, .scale = MICRO_SCALE),
    COLUMN("floor_price", CELL_DECIMAL, .scale = MICRO_SCALE),
    COLUMN("tax_rate", CELL_RATE),
};

static const catalog_column region_columns[] = {
    COLUMN("code", CELL_ID, KEY, REQUIRED),
    COLUMN("name", CELL_TEXT, REQUIRED),
    COLUMN("parent", REFERS_TO(REGION)),
    COLUMN("level", CELL_CHOICE, REQUIRED, .choices = "country=国家|province=省|city=市|county=区县=县"),
    COLUMN("from", CELL_DAY),
    COLUMN("to", CELL_DAY),
};

static const catalog_column area_columns[] = {
    COLUMN("area", CELL_ID, KEY, REQUIRED),
    COLUMN("name", CELL_TEXT),
    COLUMN("region", CELL_REGION, KEY),
};

static const catalog_column territory_columns[] = {
    COLUMN("partner", REFERS_TO(PARTNER), KEY, REQUIRED),
    COLUMN("region", CELL_REGION, KEY, REQUIRED),
    COLUMN("products", CELL_LIST, KEY),
    COLUMN("from", CELL_DAY, KEY),
    COLUMN("to", CELL_DAY),
    COLUMN("channels", CELL_LIST),
    COLUMN("exclusive", CELL_CHOICE, .choices = "Y=yes=true=1=是|N=no=false=0=否"),
};

static const catalog_column stage_columns[] = {
    COLUMN("sku", REFERS_TO(PRODUCT), KEY, REQUIRED),
    COLUMN("stage", CELL_CHOICE, REQUIRED,
           .choices = "introduction=入市期=导入期|growth=发展期=成长期|maturity=成熟期|decline=衰退期"),
    COLUMN("from", CELL_DAY, KEY, REQUIRED),
    COLUMN("analogue", REFERS_TO(PRODUCT)),
    COLUMN("share", CELL_DECIMAL, .scale = QUANTITY_SCALE),
    COLUMN("ends", CELL_DAY),
};

static const catalog_column price_columns[] = {
    COLUMN("sku", REFERS_TO(PRODUCT), KEY, REQUIRED),
    COLUMN("kind", CELL_CHOICE, KEY, REQUIRED,
           .choices = "ex_works=出厂价|dealer=经销价|wholesale=批发价|retail=零售价|floor=最低价=底价"),
    COLUMN("from", CELL_DAY, KEY),
    COLUMN("to", CELL_DAY),
    COLUMN("amount", CELL_DECIMAL, REQUIRED, .scale = MICRO_SCALE),
    COLUMN("tax_basis", CELL_CHOICE, .choices = "incl=含税|excl=不含税=未税"),
    COLUMN("tier", CELL_ID, KEY),
    COLUMN("region", CELL_REGION, KEY),
    COLUMN("partner", REFERS_TO(PARTNER), KEY),
    COLUMN("channel", CELL_ID, KEY),
};

static const catalog_column alias_columns[] = {
    COLUMN("owner", CELL_OWNER, KEY, REQUIRED),
    COLUMN("kind", CELL_CHOICE, KEY, REQUIRED,
           .choices = "partner=伙伴|product=商品|region=地区|unit=单位|customer=客户|merge=合并"),
    COLUMN("alias", CELL_WORD, KEY, REQUIRED),
    COLUMN("id", CELL_ALIASED),
    COLUMN("unit", CELL_ID),
    COLUMN("factor", CELL_DECIMAL, .scale = QUANTITY_SCALE),
    COLUMN("from", CELL_DAY, KEY),
    COLUMN("to", CELL_DAY),
};

static const catalog_column onboarding_columns[] = {
    COLUMN("partner", REFERS_TO(PARTNER), KEY, REQUIRED),
    COLUMN("live", CELL_DAY),
    COLUMN("mode", CELL_CHOICE, .choices = "live=正式|shadow=试运行"),
    COLUMN("skipped", CELL_LIST),
    COLUMN("note", CELL_TEXT),
};

static const catalog_column opening_stock_columns[] = {
    COLUMN("partner", REFERS_TO(PARTNER), KEY, REQUIRED),
    COLUMN("sku", REFERS_TO(PRODUCT), KEY, REQUIRED),
    COLUMN("quantity", CELL_DECIMAL, REQUIRED, .scale = QUANTITY_SCALE),
    COLUMN("unit", CELL_ID),
    COLUMN("batch", CELL_ID, KEY),
    COLUMN("place", REFERS_TO(PARTNER), KEY),
    COLUMN("as_of", CELL_DAY, REQUIRED),
};

static const catalog_column opening_wallet_columns[] = {
    COLUMN("partner", REFERS_TO(PARTNER), KEY, REQUIRED),
    COLUMN("company", CELL_ID, KEY),
    COLUMN("currency", CELL_ID, KEY),
    COLUMN("amount", CELL_SIGNED, REQUIRED, .scale = MICRO_SCALE),
    COLUMN("as_of", CELL_DAY, REQUIRED),
};

static const catalog_column opening_volume_columns[] = {
    COLUMN("partner", REFERS_TO(PARTNER), KEY, REQUIRED),
    COLUMN("policy", CELL_ID, KEY, REQUIRED),
    COLUMN("period", CELL_ID, KEY, REQUIRED),
    COLUMN("product", REFERS_TO(PRODUCT), KEY),
    COLUMN("quantity", CELL_SIGNED, .scale = QUANTITY_SCALE),
    COLUMN("amount", CELL_SIGNED, .scale = MICRO_SCALE),
    COLUMN("as_of", CELL_DAY, REQUIRED),
};

static const catalog_column opening_receivable_columns[] = {
    COLUMN("partner", REFERS_TO(PARTNER), KEY, REQUIRED),
    COLUMN("company", CELL_ID, KEY),
    COLUMN("document", CELL_ID, KEY, REQUIRED),
    COLUMN("amount", CELL_SIGNED, REQUIRED, .scale = MICRO_SCALE),
    COLUMN("currency", CELL_ID),
    COLUMN("due", CELL_DAY),
    COLUMN("as_of", CELL_DAY, REQUIRED),
};

static const catalog_column calendar_columns[] = {
    COLUMN("day", CELL_DAY, KEY, REQUIRED),
    COLUMN("kind", CELL_CHOICE, REQUIRED, .choices = "holiday=假日=节假日=放假=休|workday=调休=调休上班=上班=班"),
    COLUMN("name", CELL_TEXT),
};

static const catalog_column fiscal_month_columns[] = {
    COLUMN("month", CELL_MONTH, KEY, REQUIRED),
    COLUMN("from", CELL_DAY, REQUIRED),
};

static const catalog_column duty_columns[] = {
    COLUMN("partner", CELL_WHOM, KEY, REQUIRED),
    COLUMN("type", CELL_CHOICE, KEY, REQUIRED, .choices = "sale=销售|stock=库存|receipt=收货|payment=回款"),
    COLUMN("every", CELL_CHOICE, REQUIRED, .choices = "day=日=每日|week=周=每周|month=月=每月|never=免=免报"),
    COLUMN("due", CELL_DECIMAL),
    COLUMN("from", CELL_DAY, KEY, REQUIRED),
    COLUMN("to", CELL_DAY),
};

static const catalog_column promotion_columns[] = {
    COLUMN("promotion", CELL_ID, KEY, REQUIRED),
    COLUMN("title", CELL_TEXT),
    COLUMN("products", CELL_LIST),
    COLUMN("partners", CELL_LIST),
    COLUMN("from", CELL_DAY, REQUIRED),
    COLUMN("to", CELL_DAY),
    COLUMN("rule", CELL_RULE, REQUIRED),
    COLUMN("budget", CELL_DECIMAL, .scale = MICRO_SCALE),
    COLUMN("currency", CELL_ID),
    COLUMN("flow", CELL_CHOICE, .choices = "sell_out=sale=动销=销售|sell_in=shipment=进货=发货"),
};

static const catalog_column target_columns[] = {
    COLUMN("partner", REFERS_TO(PARTNER), KEY, REQUIRED),
    COLUMN("policy", CELL_ID, KEY, REQUIRED),
    COLUMN("period", CELL_ID, KEY, REQUIRED),
    COLUMN("target", CELL_DECIMAL, REQUIRED, .scale = 4),
};

static const catalog_column exemption_columns[] = {
    COLUMN("partner", REFERS_TO(PARTNER), KEY, REQUIRED),
    COLUMN("region", CELL_REGION, KEY, REQUIRED),
    COLUMN("products", CELL_LIST, KEY),
    COLUMN("from", CELL_DAY, KEY, REQUIRED),
    COLUMN("to", CELL_DAY, REQUIRED),
    COLUMN("reference", CELL_ID, KEY, REQUIRED),
    COLUMN("customer", CELL_WORD, KEY),
    COLUMN("quantity", CELL_DECIMAL, .scale = QUANTITY_SCALE),
    COLUMN("decision", CELL_CHOICE, .choices = "granted=批准=已批准|requested=申请=待批|refused=驳回=拒绝"),
    COLUMN("reason", CELL_TEXT),
};

static const catalog_column contract_columns[] = {
    COLUMN("partner", REFERS_TO(PARTNER), KEY, REQUIRED),
    COLUMN("version", CELL_ID, KEY, REQUIRED),
    COLUMN("signed", CELL_DAY, REQUIRED),
    COLUMN("to", CELL_DAY),
    COLUMN("title", CELL_TEXT),
};

static const catalog_column credit_columns[] = {
    COLUMN("partner", REFERS_TO(PARTNER), KEY, REQUIRED),
    COLUMN("company", CELL_ID, KEY),
    COLUMN("currency", CELL_ID, KEY),
    COLUMN("limit", CELL_DECIMAL, REQUIRED, .scale = 2),
    COLUMN("balance", CELL_SIGNED, REQUIRED, .scale = 2),
    COLUMN("overdue", CELL_DECIMAL, .scale = 2),
    COLUMN("as_of", CELL_TIME, REQUIRED),
};

static const catalog_column supply_columns[] = {
    COLUMN("sku", REFERS_TO(PRODUCT), KEY, REQUIRED),
    COLUMN("quantity", CELL_DECIMAL, REQUIRED, .scale = QUANTITY_SCALE),
    COLUMN("as_of", CELL_TIME, REQUIRED),
};

static const catalog_column quota_columns[] = {
    COLUMN("partner", REFERS_TO(PARTNER), KEY, REQUIRED),
    COLUMN("sku", REFERS_TO(PRODUCT), KEY, REQUIRED),
    COLUMN("from", CELL_DAY, KEY, REQUIRED),
    COLUMN("to", CELL_DAY, REQUIRED),
    COLUMN("quantity", CELL_DECIMAL, REQUIRED, .scale = QUANTITY_SCALE),
    COLUMN("minimum", CELL_DECIMAL, .scale = QUANTITY_SCALE),
};

static const catalog_column trial_columns[] = {
    COLUMN("partner", REFERS_TO(PARTNER), KEY, REQUIRED),
    COLUMN("sku", REFERS_TO(PRODUCT), KEY, REQUIRED),
    COLUMN("from", CELL_DAY, KEY, REQUIRED),
    COLUMN("to", CELL_DAY),
    COLUMN("quantity", CELL_DECIMAL, REQUIRED, .scale = QUANTITY_SCALE),
};

static const catalog_column one_off_columns[] = {
    COLUMN("partner", REFERS_TO(PARTNER), KEY, REQUIRED),
    COLUMN("sku", REFERS_TO(PRODUCT), KEY, REQUIRED),
    COLUMN("date", CELL_DAY, KEY, REQUIRED),
    COLUMN("quantity", CELL_DECIMAL, .scale = QUANTITY_SCALE),
    COLUMN("note", CELL_TEXT),
};

static const catalog_column substitute_columns[] = {
    COLUMN("sku", REFERS_TO(PRODUCT), KEY, REQUIRED),
    COLUMN("substitute", REFERS_TO(PRODUCT), KEY, REQUIRED),
    COLUMN("partner", REFERS_TO(PARTNER), KEY),
    COLUMN("from", CELL_DAY),
    COLUMN("to", CELL_DAY),
    COLUMN("agreed", CELL_CHOICE, .choices = "Y=yes=true=1=是|N=no=false=0=否"),
};

#define TABLE(columns) columns, ARRAY_LEN(columns)

const catalog_fact catalog_tables[CATALOG_TABLE_COUNT] = {
    [CATALOG_PARTNER] = {"partner", TABLE(partner_columns), true},
    [CATALOG_PRODUCT] = {"product", TABLE(product_columns), true},
    [CATALOG_REGION] = {"region", TABLE(region_columns), true},
    [CATALOG_AREA] = {"area", TABLE(area_columns), true},
    [CATALOG_TERRITORY] = {"territory", TABLE(territory_columns), false},
    [CATALOG_STAGE] = {"stage", TABLE(stage_columns), false},
    [CATALOG_PRICE] = {"price", TABLE(price_columns), false},
    [CATALOG_ALIAS] = {"alias", TABLE(alias_columns), false},
    [CATALOG_ONBOARDING] = {"onboarding", TABLE(onboarding_columns), false},
    [CATALOG_OPENING_STOCK] = {"opening_stock", TABLE(opening_stock_columns), false},
    [CATALOG_OPENING_WALLET] = {"opening_wallet", TABLE(opening_wallet_columns), false},
    [CATALOG_OPENING_VOLUME] = {"opening_volume", TABLE(opening_volume_columns), false},
    [CATALOG_OPENING_RECEIVABLE] = {"opening_receivable", TABLE(opening_receivable_columns), false},
    [CATALOG_CALENDAR] = {"calendar", TABLE(calendar_columns), false},
    [CATALOG_FISCAL_MONTH] = {"fiscal_month", TABLE(fiscal_month_columns), false},
    [CATALOG_DUTY] = {"duty", TABLE(duty_columns), false},
    [CATALOG_PROMOTION] = {"promotion", TABLE(promotion_columns), false},
    [CATALOG_TARGET] = {"target", TABLE(target_columns), false},
    [CATALOG_EXEMPTION] = {"exemption", TABLE(exemption_columns), false},
    [CATALOG_CONTRACT] = {"contract", TABLE(contract_columns), false},
    [CATALOG_CREDIT] = {"credit", TABLE(credit_columns), false},
    [CATALOG_SUPPLY] = {"supply", TABLE(supply_columns), false},
    [CATALOG_QUOTA] = {"quota", TABLE(quota_columns), false},
    [CATALOG_TRIAL] = {"trial", TABLE(trial_columns), false},
    [CATALOG_ONE_OFF] = {"one_off", TABLE(one_off_columns), false},
    [CATALOG_SUBSTITUTE] = {"substitute", TABLE(substitute_columns), false},
};

bool catalog_table_parse(str name, catalog_table *out) {
    for (catalog_table t = CATALOG_PARTNER; t < CATALOG_TABLE_COUNT; t++)
        if (str_is(name, catalog_tables[t].name)) return *out = t, true;
    return false;
}
