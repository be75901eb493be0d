"""The shop's wiring; importing it readies the Celery application for Django."""

from shop.celery import app as celery_app

__all__ = ("celery_app",)
