"""Texts of files whatever their encoding; spoilt ones are named."""
