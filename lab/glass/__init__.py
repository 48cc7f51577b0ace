"""Looks inside the shipped translator and bot: gates, attention, copying, units, what turns left behind."""

from lab.glass.look import inspect, switched_off

__all__ = ["inspect", "switched_off"]
