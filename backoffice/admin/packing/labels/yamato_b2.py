"""The import format of Yamato's B2 Cloud: its basic layout, 42 columns.

The customer code for billing (請求先顧客コード) is left to B2's import settings.
"""
# ruff: noqa: RUF001 (the names of the columns, as the program has them)

from backoffice.admin.packing.labels.table import Column, Format
from checkout.shipping.slots import MORNING

# The program's code of each time slot. It takes the day as 2026/12/06.
SLOTS = {
    MORNING: "0812",
    "1416": "1416",
    "1618": "1618",
    "1820": "1820",
    "1921": "1921",
}

YAMATO = Format(
    slug="yamato",
    title="Yamato B2 Cloud",
    columns=(
        Column("お客様管理番号", field="number", limit=50),
        Column("送り状種類", fixed="0", limit=1),
        Column("クール区分", fixed="0", limit=1),
        Column("伝票番号"),
        Column("出荷予定日", field="ship_date", limit=10),
        Column("お届け予定日", field="delivery_day", limit=10),
        Column("配達時間帯", field="slot", limit=4, codes=SLOTS),
        Column("お届け先コード"),
        Column("お届け先電話番号", field="phone", limit=15),
        Column("お届け先電話番号枝番"),
        Column("お届け先郵便番号", field="postcode", limit=8),
        Column("お届け先住所", field="address", limit=64),
        Column("お届け先アパートマンション名", field="building", limit=32),
        Column("お届け先会社・部門１"),
        Column("お届け先会社・部門２"),
        Column("お届け先名", field="name", limit=32),
        Column("お届け先名(ｶﾅ)", field="kana", limit=50, may_cut=True),
        Column("敬称", fixed="様", limit=4),
        Column("ご依頼主コード"),
        Column("ご依頼主電話番号", field="sender_phone", limit=15),
        Column("ご依頼主電話番号枝番"),
        Column("ご依頼主郵便番号", field="sender_postcode", limit=8),
        Column("ご依頼主住所", field="sender_address", limit=64),
        Column("ご依頼主アパートマンション"),
        Column("ご依頼主名", field="sender_name", limit=32),
        Column("ご依頼主名(ｶﾅ)"),
        Column("品名コード１"),
        Column("品名１", field="goods", limit=50, may_cut=True),
        Column("品名コード２"),
        Column("品名２"),
        Column("荷扱い１"),
        Column("荷扱い２"),
        Column("記事"),
        Column("ｺﾚｸﾄ代金引換額（税込)"),
        Column("内消費税額等"),
        Column("止置き", fixed="0", limit=1),
        Column("営業所コード"),
        Column("発行枚数", fixed="1", limit=2),
        Column("個数口表示フラグ"),
        Column("請求先顧客コード"),
        Column("請求先分類コード"),
        Column("運賃管理番号", fixed="01", limit=2),
    ),
)
