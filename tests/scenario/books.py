"""The small catalogue that most scenarios share."""

PARTNERS = """id,name,kind,tier,parent,region
M,本厂,manufacturer,,,330100
D1,杭州一级经销商,distributor,A,M,330100
D2,南京一级经销商,distributor,A,M,320100
S1,余杭分销商,sub_distributor,B,D1,330110
R1,西湖零售,retailer,,D1,330106
T1,文三路店,terminal,,D1,330106
"""
PRODUCTS = """sku,gtin,name,brand,category,base_unit,units,list_price,floor_price,tax_rate
P1,6901234567892,清泉 550ml,清泉,饮用水,瓶,箱=24;盒=6,2.00,1.50,13%
P2,6901234567908,果然橙 1L,果然,果汁,瓶,箱=12,8.00,6.00,13%
P3,,清茶 500ml,清泉,茶,瓶,箱=15,4.00,3.00,13%
"""
ALIASES = """owner,kind,alias,id,unit,factor,from,to
D1,product,QQ-550,P1,,,,
*,unit,件,箱,,,,
D1,customer,余杭老王,S1,,,,
"""


def load(w):
    w.import_csv("partner", PARTNERS)
    w.import_csv("product", PRODUCTS)
    w.import_csv("alias", ALIASES)
