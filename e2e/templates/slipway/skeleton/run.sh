#!/bin/sh
{% if values.name %}
echo ${{ values.name }}
{% endif %}
