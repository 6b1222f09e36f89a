import { Injectable } from '@nestjs/common';

export const broken = Injectable;
