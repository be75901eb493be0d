"""The shop's goods, as plain models of the same tables."""

from django.db import models


class Product(models.Model):
    slug = models.SlugField(max_length=80)
    name_en = models.CharField(max_length=120)
    description_en = models.TextField()
    is_active = models.BooleanField()
    position = models.PositiveIntegerField()

    class Meta:
        managed = False
        db_table = "catalogue_product"

    def __str__(self) -> str:
        return self.name_en


class Variant(models.Model):
    product = models.ForeignKey(Product, models.CASCADE, related_name="variants")
    price_minor = models.PositiveIntegerField()

    class Meta:
        managed = False
        db_table = "catalogue_variant"

    def __str__(self) -> str:
        return str(self.price_minor)
