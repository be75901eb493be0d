from django.db import models


class NaiveOrder(models.Model):
    state = models.CharField(max_length=10, default="new")
    sku = models.CharField(max_length=20)
    intent = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class NaiveStock(models.Model):
    sku = models.CharField(max_length=20, unique=True)
    free = models.IntegerField()

    def __str__(self) -> str:
        return self.sku
