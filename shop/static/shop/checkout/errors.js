// After a refused form, move the focus to the error summary.
document.getElementById("error-summary")?.focus();
