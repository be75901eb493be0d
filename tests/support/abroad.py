"""Customers outside of Japan, as they fill in the form."""

ABROAD = {
    "email": "ann@customer.example",
    "name": "Ann Smith",
    "phone": "+1 (212) 555-0100",
    "country": "US",
    "street": "1600 Amphitheatre Pkwy",
    "building": "Suite 5",
    "city": "Mountain View",
    "region": "CA",
    "postcode": "94043",
}
KEPT = ABROAD | {"phone": "+12125550100"}
# As the form leaves it: a hand-over is chosen in Japan only.
ENTERED = KEPT | {"delivery": ""}
GERMAN = {
    "email": "eva@customer.example",
    "name": "Eva Weiss",
    "phone": "+49301234567",
    "country": "DE",
    "street": "Unter den Linden 5",
    "building": "",
    "city": "Berlin",
    "region": "",
    "postcode": "10117",
}
