// The Payment Element's inside: the form, its checks, and the token it is turned into.
// It talks to the page around it by messages, and to the API of its own origin.
(() => {
  "use strict";
  const settings = JSON.parse(decodeURIComponent(location.hash.slice(1)) || "{}");
  const japanese = (settings.locale || "en").toLowerCase().startsWith("ja");
  const known = settings.defaults?.billingDetails || {};
  const wording = window.WORDING[japanese ? "ja" : "en"];
  const field = (name) => document.getElementById("payment-" + name + "Input");
  const digits = (text) => text.normalize("NFKC").replace(/\D/g, "");
  const tell = (kind, value, id) => {
    if (settings.host) parent.postMessage({ kind, value, id }, settings.host);
  };
  const chosen = () =>
    document.querySelector("input[name=type]:checked")?.value || "card";

  // The wallet that this browser has, as it was chosen on the sandbox's own page.
  const WALLETS = { google_pay: "Google Pay", apple_pay: "Apple Pay" };
  const wallet = (() => {
    try {
      const name = localStorage.getItem("wallet");
      return name in WALLETS ? name : "";
    } catch {
      return ""; // a browser that gives frames of others no storage has none
    }
  })();

  const BRANDS = [
    ["visa", /^4/], ["amex", /^3[47]/], ["mastercard", /^(5[1-5]|2[2-7])/],
    ["discover", /^6(011|5)/], ["diners", /^3[068]/], ["jcb", /^35/],
    ["unionpay", /^62/],
  ];
  const LENGTHS = { amex: [15], diners: [14, 16], unionpay: [16, 19] };
  const brand = (number) => BRANDS.find(([, rule]) => rule.test(number))?.[0] || "";

  const luhn = (number) =>
    [...number].reverse().reduce((sum, digit, place) => {
      const value = digit * (place % 2 ? 2 : 1);
      return sum + (value > 9 ? value - 9 : value);
    }, 0) % 10 === 0;

  const expiry = () => {
    const text = digits(field("expiry").value);
    return { month: Number(text.slice(0, 2)), year: 2000 + Number(text.slice(2, 4)) };
  };

  const checks = {
    number() {
      const number = digits(field("number").value);
      const lengths = LENGTHS[brand(number)] || [16];
      if (number.length < lengths[0]) return "incomplete_number";
      return lengths.includes(number.length) && luhn(number) ? "" : "invalid_number";
    },
    expiry() {
      if (digits(field("expiry").value).length < 4) return "incomplete_expiry";
      const { month, year } = expiry();
      if (month < 1 || month > 12) return "invalid_expiry_month";
      const now = new Date();
      const past = year * 12 + month < now.getFullYear() * 12 + now.getMonth() + 1;
      return past ? "invalid_expiry_year_past" : "";
    },
    cvc() {
      const wanted = brand(digits(field("number").value)) === "amex" ? 4 : 3;
      return digits(field("cvc").value).length < wanted ? "incomplete_cvc" : "";
    },
    name: () => (field("name").value.trim() ? "" : "incomplete_name"),
    email: () => (/^\S+@\S+$/.test(field("email").value) ? "" : "incomplete_email"),
  };
  const PARTS = { card: ["number", "expiry", "cvc"], konbini: ["name", "email"] };
  const parts = () => PARTS[chosen()] || [];

  const show = (name, code) => {
    document.getElementById(name + "-error").textContent = code ? wording[code] : "";
    field(name).setAttribute("aria-invalid", code ? "true" : "false");
    resize();
  };

  let height = 0;
  const resize = () => {
    const needed = Math.ceil(document.querySelector("form").scrollHeight) + 6;
    if (needed !== height) tell("height", (height = needed));
  };

  const changed = () => {
    const empty = !WALLETS[chosen()] && parts().every((name) => !field(name).value);
    const complete = parts().every((name) => !checks[name]());
    tell("change", { empty, complete, collapsed: false, value: { type: chosen() } });
  };

  const group = (number) => {
    const sizes = brand(number) === "amex" ? [4, 6, 5] : [4, 4, 4, 4, 3];
    const pieces = [];
    for (const size of sizes) {
      if (number) pieces.push(number.slice(0, size));
      number = number.slice(size);
    }
    return pieces.join(" ");
  };

  const format = {
    number(input) {
      const number = digits(input.value).slice(0, 19);
      document.getElementById("brand").textContent = brand(number);
      return group(number);
    },
    expiry(input, removing) {
      let text = digits(input.value).slice(0, 4);
      if (/^[2-9]$/.test(text)) text = "0" + text;
      if (text.length < 2 || (text.length === 2 && removing)) return text;
      return text.slice(0, 2) + " / " + text.slice(2);
    },
    cvc: (input) => digits(input.value).slice(0, 4),
  };

  const submit = () => {
    let first = null;
    for (const name of parts()) {
      const code = checks[name]();
      show(name, code);
      if (code && !first) first = { name, code };
    }
    if (!first) return { selectedPaymentMethod: chosen() };
    field(first.name).focus();
    const message = wording[first.code];
    return { error: { type: "validation_error", code: first.code, message } };
  };

  const flatten = (value, prefix, into) => {
    for (const [name, inner] of Object.entries(value || {})) {
      const path = prefix ? prefix + "[" + name + "]" : name;
      if (inner && typeof inner === "object") flatten(inner, path, into);
      else if (inner !== null && inner !== undefined && inner !== "") into.set(path, inner);
    }
    return into;
  };

  const token = async (params) => {
    const { month, year } = expiry();
    const data = { ...(params.payment_method_data || {}), type: chosen() };
    if (WALLETS[data.type]) {
      data.card = { token: "tok_" + data.type };
      data.type = "card";
    } else if (data.type === "card") {
      data.card = {
        number: digits(field("number").value),
        exp_month: month,
        exp_year: year,
        cvc: digits(field("cvc").value),
      };
    } else {
      data.billing_details = {
        ...(data.billing_details || {}),
        name: field("name").value,
        email: field("email").value,
        phone: known.phone,
      };
    }
    const form = flatten({ ...params, payment_method_data: data }, "",
      new URLSearchParams());
    try {
      const reply = await fetch("/v1/confirmation_tokens", {
        method: "POST",
        headers: {
          Authorization: "Bearer " + settings.pk,
          "Content-Type": "application/x-www-form-urlencoded",
        },
        body: form.toString(),
      });
      return await reply.json();
    } catch {
      return { error: { type: "api_connection_error", message: wording.connection } };
    }
  };

  const orders = {
    submit,
    token,
    update(fresh) {
      Object.assign(settings, fresh);
      dress();
      return {};
    },
    focus() {
      const [first] = parts();
      if (first) field(first).focus();
      return {};
    },
    blur() {
      document.activeElement?.blur();
      return {};
    },
    clear() {
      document.querySelector("form").reset();
      choose();
      return {};
    },
  };

  const choose = () => {
    document.getElementById("card-fields").hidden = chosen() !== "card";
    document.getElementById("konbini-fields").hidden = chosen() !== "konbini";
    resize();
  };

  const VARIABLES = {
    colorPrimary: "--primary", colorBackground: "--background", colorText: "--text",
    colorTextSecondary: "--quiet", colorDanger: "--danger", borderRadius: "--radius",
    fontFamily: "--font",
  };
  const dress = () => {
    const root = document.documentElement;
    const { theme, variables } = settings.appearance || {};
    root.dataset.theme = theme || "stripe";
    for (const [name, value] of Object.entries(variables || {})) {
      if (VARIABLES[name]) root.style.setProperty(VARIABLES[name], value);
    }
    const types = settings.paymentMethodTypes;
    const konbini = types
      ? types.includes("konbini")
      : settings.currency === "jpy" && settings.captureMethod !== "manual";
    document.getElementById("konbini-choice").hidden = !konbini;
    document.getElementById("wallet-choice").hidden = !wallet;
    document.getElementById("methods").hidden = !konbini && !wallet;
    resize();
  };

  document.documentElement.lang = japanese ? "ja" : "en";
  for (const node of document.querySelectorAll("[data-wording]")) {
    node.textContent = wording[node.dataset.wording];
  }
  document.getElementById("payment-type-wallet").value = wallet;
  document.getElementById("wallet-name").textContent = WALLETS[wallet] || "";
  field("expiry").placeholder = wording.expiryPlaceholder;
  field("name").value = known.name || "";
  field("email").value = known.email || "";

  for (const name of ["number", "expiry", "cvc", "name", "email"]) {
    const input = field(name);
    input.addEventListener("input", (event) => {
      const removing = String(event.inputType).startsWith("delete");
      if (format[name]) input.value = format[name](input, removing);
      if (input.getAttribute("aria-invalid") === "true") show(name, checks[name]());
      changed();
    });
    input.addEventListener("blur", () => {
      // Not at once: in a narrow frame the complaint takes several lines, and a button
      // below it would move away between press and release of the click that took the
      // focus.
      setTimeout(() => input.value && show(name, checks[name]()), 250);
      tell("blur", {});
    });
    input.addEventListener("focus", () => tell("focus", {}));
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") tell("escape", {});
    });
  }
  document.querySelector("#methods").addEventListener("change", () => {
    choose();
    changed();
  });
  document.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  window.addEventListener("message", async (event) => {
    if (event.source !== parent || event.origin !== settings.host) return;
    const { kind, id, value } = event.data || {};
    if (orders[kind]) tell("reply", await orders[kind](value), id);
  });
  new ResizeObserver(resize).observe(document.querySelector("form"));
  dress();
  choose();
  tell("ready", {});
})();
