// Show on the page that a passkey could not be made or used.
document.addEventListener("allauth.error", (event) => {
  const message = document.getElementById("passkey-problem");
  if (!message) return;
  event.preventDefault();
  message.hidden = false;
  message.focus();
});
