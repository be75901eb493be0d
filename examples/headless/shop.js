// A shop on the API alone: goods, cart, address, card, and the order as it proceeds.
// There is nothing to build. Serve this folder from any address that the shop lists in
// API_ORIGINS, and name the shop in index.html.

// The shop says which script takes the card. So a link must not name another shop, but
// on the machine of who tries this out.
const IS_HERE = ["127.0.0.1", "localhost"].includes(location.hostname);
const SHOP =
  (IS_HERE && new URLSearchParams(location.search).get("shop")) ||
  document.querySelector('meta[name="shop"]').content;
const JAPANESE = navigator.language.startsWith("ja");
const LANGUAGE = JAPANESE ? "ja" : "en";
const KEPT = "headless-cart"; // the cart's id: whoever knows it has the cart
const $ = (selector, root = document) => root.querySelector(selector);

const WORDS = {
  en: {
    cart: "Cart", goOn: "Enter the address", recipient: "Who gets it?",
    confirmation: "Your order", buy: "Pay and order", add: "Add to cart",
    soldOut: "Sold out", total: "Total", shipping: "Shipping", confirm: "Go on",
    working: "Your order is being worked on.", done: "Thank you. Your order is complete.",
    bank: "Please answer your bank's question. Nothing is charged before you do.",
    cancelled: "The order was cancelled.", card: "Your card was refused. Try another.",
    number: "Order number", lost: "The shop does not answer. Try again.",
    email: "Email address", name: "Full name", phone: "Phone number",
    postcode: "Postcode", prefecture: "Prefecture (such as tokyo)", city: "City or ward",
    street: "District, block and number", building: "Building and room",
    STOCK: "Items set aside", PAYMENT: "Payment", PREPARATION: "Preparation",
  },
  ja: {
    cart: "カート", goOn: "お届け先を入力する", recipient: "お届け先",
    confirmation: "ご注文内容の確認", buy: "支払って注文を確定する", add: "カートに入れる",
    soldOut: "売り切れ", total: "合計", shipping: "送料", confirm: "次へ進む",
    working: "ご注文を処理しています。", done: "ありがとうございます。ご注文が完了しました。",
    bank: "カード会社による本人認証をお願いします。認証が済むまで請求は発生しません。",
    cancelled: "ご注文はキャンセルされました。", card: "カードをご利用いただけませんでした。別のカードをお試しください。",
    number: "注文番号", lost: "接続できませんでした。もう一度お試しください。",
    email: "メールアドレス", name: "お名前", phone: "電話番号",
    postcode: "郵便番号", prefecture: "都道府県（ローマ字。例：tokyo）", city: "市区町村",
    street: "町名・番地", building: "建物名・部屋番号",
    STOCK: "商品の確保", PAYMENT: "お支払い", PREPARATION: "発送準備",
  },
}[LANGUAGE];

const CART = `id checkoutKey
  quote { digest isOrderable total { minor currency text } shipping { text } paymentMethods
    offers { id refusal } lines { id name variant quantity total { text } } }`;
const REFUSAL = `... on Refusal { code message }
  ... on InvalidInput { fields { field messages } }`;

class Refused extends Error {
  constructor(answer) {
    super(answer.message);
    this.fields = answer.fields ?? [];
  }
}

const request = (path, query, variables, accept) =>
  fetch(`${SHOP}${path}`, {
    method: "POST",
    credentials: "omit",
    headers: {
      "Content-Type": "application/json",
      "Accept-Language": LANGUAGE,
      Accept: accept,
    },
    body: JSON.stringify({ query, variables }),
  });

// Return the answer of a document. Throws Refused for what the shop refuses.
async function ask(query, variables = {}) {
  const response = await request("/graphql/", query, variables, "application/json");
  const { data, errors } = await response.json();
  if (errors) throw new Error(errors[0].message);
  if (data.answer?.code) throw new Refused(data.answer);
  return data.answer;
}

// Call `show` with each message of a subscription. When the line is lost, it is taken
// up again after the last sequence that came.
async function follow(uid, show) {
  const query = `subscription ($uid: UUID!, $after: Int!) {
    answer: orderStatus(uid: $uid, after: $after) { sequence
      progress { version outcome isFinal declineText steps { key state } } } }`;
  let after = 0;
  for (let isFinal = false; !isFinal; ) {
    try {
      const asked = { uid, after };
      const response = await request("/graphql/stream/", query, asked, "text/event-stream");
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        const messages = (text + value).split("\n\n");
        text = messages.pop();
        for (const message of messages) {
          const line = message.split("\n").find((each) => each.startsWith("data: {"));
          const status = line && JSON.parse(line.slice(6)).data?.answer;
          if (!status) continue;
          after = status.sequence;
          isFinal = status.progress.isFinal;
          show(status.progress);
        }
      }
    } catch {
      say(WORDS.lost);
    }
    if (!isFinal) await new Promise((resume) => setTimeout(resume, 1000));
  }
}

let cart = null;
let shop = null;

const say = (problem) => {
  $("#alert").textContent = problem;
  $("#alert").hidden = !problem;
};

// Do what was asked for. Refusals are shown; the page stays as it is.
const act = async (work) => {
  say("");
  try {
    await work();
  } catch (error) {
    say(error instanceof TypeError ? WORDS.lost : error.message);
    for (const { field, messages } of error.fields ?? []) {
      const input = $(`[name="${field}"]`);
      input?.setAttribute("aria-invalid", "true");
      input?.after(make("span", messages.join(" "), { className: "problem" }));
    }
  }
};

const make = (tag, text = "", properties = {}) =>
  Object.assign(document.createElement(tag), { textContent: text, ...properties });

const button = (text, work) =>
  make("button", text, { type: "button", onclick: () => act(work) });

const open = (...names) => {
  for (const section of document.querySelectorAll("section"))
    section.hidden = !names.includes(section.id);
};

function showLines(section) {
  const rows = cart.quote.lines.map((line) => {
    const row = make("li");
    const name = [line.name, line.variant].filter(Boolean).join(" ");
    row.append(make("span", `${name} × ${line.quantity}`), make("span", line.total.text));
    return row;
  });
  const shipping = make("li");
  shipping.append(make("span", WORDS.shipping), make("span", cart.quote.shipping.text));
  $(".lines", section).replaceChildren(...rows, shipping);
  $(".total", section).textContent = `${WORDS.total} ${cart.quote.total.text}`;
}

function showCart(changed) {
  cart = changed;
  localStorage.setItem(KEPT, cart.id);
  showLines($("#cart"));
  $("#cart").hidden = !cart.quote.lines.length;
}

const add = async (sku) =>
  showCart(
    await ask(
      `mutation ($sku: String!, $cart: UUID) {
        answer: addToCart(sku: $sku, cart: $cart) { ... on Cart { ${CART} } ${REFUSAL} } }`,
      { sku, cart: cart?.id }
    )
  );

async function showGoods() {
  const found = await ask(`{ answer: products(first: 12) { nodes { name price { text }
    cover { thumbnail alt } variants { sku free } } } }`);
  const items = found.nodes.map((product) => {
    const item = make("li");
    const variant = product.variants.find((each) => each.free > 0);
    const cover = product.cover;
    const picture = cover && make("img", "", { src: SHOP + cover.thumbnail, alt: cover.alt });
    const buy = button(variant ? WORDS.add : WORDS.soldOut, () => add(variant.sku));
    buy.disabled = !variant;
    buy.setAttribute("aria-label", `${buy.textContent}: ${product.name}`);
    item.append(...[picture].filter(Boolean), make("p", product.name), make("p", product.price.text), buy);
    return item;
  });
  $("#goods .goods").replaceChildren(...items);
}

function showInformation() {
  const names = ["email", "name", "phone", "postcode", "prefecture", "city", "street", "building"];
  const fields = names.map((name) => {
    const label = make("label", WORDS[name]);
    label.append(make("input", "", { name, autocomplete: "on" }));
    return label;
  });
  $("#information-form").replaceChildren(...fields, make("button", WORDS.confirm, { className: "primary" }));
  open("cart", "information");
  $("#to-information").hidden = true;
}

async function keepInformation() {
  for (const each of document.querySelectorAll(".problem")) each.remove();
  const typed = Object.fromEntries(new FormData($("#information-form")));
  const offers = cart.quote.offers.filter((each) => !each.refusal);
  const information = { ...typed, method: offers[0]?.id ?? "" };
  showCart(
    await ask(
      `mutation ($information: InformationInput!, $cart: UUID) {
        answer: setInformation(information: $information, cart: $cart) {
          ... on Cart { ${CART} } ${REFUSAL} } }`,
      { information, cart: cart.id }
    )
  );
  showLines($("#confirmation"));
  open("confirmation");
  mountCard(place);
}

// Let the provider's form make a token of a card, and give it to `use`.
function mountCard(use) {
  const stripe = window.Stripe(shop.payment.publishableKey);
  const { minor, currency } = cart.quote.total;
  const elements = stripe.elements({
    mode: "payment",
    amount: minor,
    currency: currency.toLowerCase(),
    captureMethod: "manual",
    paymentMethodTypes: cart.quote.paymentMethods,
    locale: LANGUAGE,
  });
  $("#card").replaceChildren();
  elements.create("payment").mount("#card");
  $("#payment-form").onsubmit = (event) => {
    event.preventDefault();
    act(async () => {
      const checked = await elements.submit();
      if (checked.error) return;
      const made = await stripe.createConfirmationToken({
        elements,
        params: { return_url: location.href },
      });
      if (made.error) throw new Error(made.error.message);
      await use(made.confirmationToken.id);
    });
  };
}

async function place(paymentToken) {
  const { id, checkoutKey, quote } = cart;
  const order = await ask(
    `mutation ($order: PlaceOrderInput!) {
      answer: placeOrder(order: $order) { ... on Order { uid number } ${REFUSAL} } }`,
    { order: { cart: id, checkoutKey, digest: quote.digest, seenTotal: quote.total.minor, paymentToken } }
  );
  localStorage.removeItem(KEPT);
  $("#order-number").textContent = `${WORDS.number} ${order.number}`;
  open("order");
  follow(order.uid, (progress) => showProgress(order.uid, progress));
}

function showProgress(uid, progress) {
  const words = {
    DONE: WORDS.done,
    CANCELLED: WORDS.cancelled,
    NEEDS_CARD: WORDS.card,
    NEEDS_CHALLENGE: WORDS.bank,
  };
  $("#order-state").textContent = words[progress.outcome] ?? WORDS.working;
  const marks = { DONE: "✓", ACTIVE: "…", FAILED: "×" };
  const steps = progress.steps.map(({ key, state }) =>
    make("li", `${marks[state] ?? "·"} ${WORDS[key]}`)
  );
  $("#steps").replaceChildren(...steps);
  if (progress.outcome === "NEEDS_CHALLENGE") act(() => answerBank(uid, progress.version));
  if (progress.outcome !== "NEEDS_CARD") return open("order");
  say(progress.declineText);
  open("order", "confirmation");
  mountCard(async (token) => {
    await ask(
      `mutation ($uid: UUID!, $token: String!) {
        answer: tryAnotherCard(order: $uid, paymentToken: $token) {
          ... on Order { uid } ${REFUSAL} } }`,
      { uid, token }
    );
  });
}

let answered = ""; // the version of the order whose question was shown

// Show the bank's question once, and have the shop read the answer.
async function answerBank(uid, version) {
  if (answered === version) return;
  const order = await ask(
    "query ($uid: UUID!) { answer: order(uid: $uid) { challengeSecret } }",
    { uid }
  );
  if (order.challengeSecret) {
    answered = version;
    const stripe = window.Stripe(shop.payment.publishableKey);
    try {
      await stripe.handleNextAction({ clientSecret: order.challengeSecret });
    } catch {
      // Answered meanwhile, or the page failed: the shop asks the bank either way.
    }
  }
  await ask(
    `mutation ($uid: UUID!) {
      answer: readBankAnswer(order: $uid) { ... on Order { uid } ${REFUSAL} } }`,
    { uid }
  );
}

async function start() {
  document.documentElement.lang = LANGUAGE;
  for (const each of document.querySelectorAll("[data-word]"))
    each.textContent = WORDS[each.dataset.word];
  $("#to-information").onclick = () => act(async () => showInformation());
  $("#information-form").onsubmit = (event) => {
    event.preventDefault();
    act(keepInformation);
  };
  shop = await ask("{ answer: shop { name payment { script publishableKey } } }");
  document.title = $("#title").textContent = shop.name;
  document.head.append(make("script", "", { src: shop.payment.script }));
  await showGoods();
  const kept = localStorage.getItem(KEPT);
  const found = kept && (await ask(`query ($id: UUID!) { answer: cart(id: $id) { ${CART} } }`, { id: kept }));
  if (found?.quote) showCart(found);
}

act(start);
